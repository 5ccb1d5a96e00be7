import { passwordOwner, readPostgresAddress } from '#contract/postgres-address.ts'
import type { ServiceContract } from '#contract/service.ts'
import type { BrokerContract } from '#contract/supervision.ts'
import type { Client } from '#kit/client.ts'
import { failed } from '#kit/request-failed.ts'
import type { Handlers } from '#kit/serve.ts'

/**
 * Answers what windows ask about passwords: they can be saved and forgotten, and never read.
 * @param onSaved told whose password is another one now, before the answer.
 */
export function serveSecrets(
  broker: Client<BrokerContract>,
  onSaved: (owner: string, password: string | null) => Promise<void>,
): Pick<Handlers<ServiceContract>, 'database.savePassword'> {
  return {
    async 'database.savePassword'({ address, password }) {
      const read = readPostgresAddress(address)
      if (!read.ok) throw failed('invalid-params', read.message)
      const owner = passwordOwner(read.address)
      const kept = await broker.call('secret.write', { owner, secret: password })
      await onSaved(owner, password)
      return kept
    },
  }
}

/**
 * The password for an address; undefined when none is saved, or none can be.
 * @param address of any database; only a server's has one.
 */
export async function passwordFor(
  broker: Client<BrokerContract>,
  address: string,
): Promise<string | undefined> {
  const read = readPostgresAddress(address)
  if (!read.ok) return undefined
  const { secret } = await broker.call('secret.read', { owner: passwordOwner(read.address) })
  return secret ?? undefined
}
