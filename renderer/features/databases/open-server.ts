import type { DatabaseEntry } from '#contract/database.ts'
import { passwordOwner, readPostgresAddress } from '#contract/postgres-address.ts'
import { askService } from '../../ipc/ask.ts'
import { readSchema } from '../../ipc/schemas.ts'
import { savePassword } from '../../passwords/save-password.ts'

export interface ServerToOpen {
  readonly address: string
  readonly mode: DatabaseEntry['mode']
  /** Empty to use the one that is kept. */
  readonly password: string
  /** The address that it had before it was changed; null for a new connection. */
  readonly replaces: string | null
  readonly signal: AbortSignal
}

/** Connects to a server to see whether it can be reached, and lists its database. @throws RequestFailed */
export async function openServer({ address, mode, password, replaces, signal }: ServerToOpen): Promise<void> {
  if (password !== '') await savePassword(address, password)
  await askService('database.open', { path: address, mode }, { signal })
  if (replaces !== null && replaces !== address) await askService('database.forget', { path: replaces })
  void readSchema(address)
}

/** Forgets the password of a database that is taken off the list, unless another one there needs it. */
export async function forgetPassword(path: string, others: readonly DatabaseEntry[]): Promise<void> {
  const owner = ownerOf(path)
  if (owner === undefined || others.some((other) => other.path !== path && ownerOf(other.path) === owner))
    return
  await askService('database.savePassword', { address: path, password: null })
}

function ownerOf(path: string): string | undefined {
  const read = readPostgresAddress(path)
  return read.ok ? passwordOwner(read.address) : undefined
}
