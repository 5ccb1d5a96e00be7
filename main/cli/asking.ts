import type { ServiceContract } from '#contract/service.ts'
import type { Client } from '#kit/client.ts'
import type { CommandContext } from './command.ts'
import { reachOffloop } from './reach/reach-offloop.ts'

/** Does something with the service of a profile, which is started when it does not run. */
export async function asking<T>(
  { profile, launch, signal }: CommandContext,
  work: (client: Client<ServiceContract>) => Promise<T>,
): Promise<T> {
  const connection = await reachOffloop(profile, launch, signal)
  try {
    return await work(connection.client)
  } finally {
    connection.close()
  }
}
