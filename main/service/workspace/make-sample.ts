import { access } from 'node:fs/promises'
import { queryHostContract } from '#contract/query-host.ts'
import type { brokerContract } from '#contract/supervision.ts'
import { connect, type Client } from '#kit/client.ts'
import { dialWithEnvelopes } from '#kit/dial.ts'
import { failed } from '#kit/request-failed.ts'

/**
 * Makes the sample database in a query host of its own, unless it is there.
 * @param onProgress the fraction done, 0 to 1.
 * @returns whether it was made now.
 * @throws RequestFailed `disk-full`, `database`, or `host-lost`.
 */
export async function makeSampleOnce(
  path: string,
  broker: Client<typeof brokerContract>,
  onProgress: (fraction: number) => void,
): Promise<boolean> {
  if (await exists(path)) return false
  const { value, ports } = await broker.callForPorts('host.fork', { about: path })
  const [port] = ports
  if (!port) throw failed('internal', 'A query host came without a port.')
  try {
    const making = connect(queryHostContract, port, dialWithEnvelopes(port)).stream('makeSample', { path })
    for await (const fraction of making) onProgress(fraction)
  } finally {
    await broker.call('host.kill', { hostId: value.hostId })
  }
  return true
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
