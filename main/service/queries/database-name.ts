import { basename } from 'node:path'
import { engineOf } from '#contract/database.ts'
import { postgresName, readPostgresAddress } from '#contract/postgres-address.ts'

/** As a schema is named: the same in every language. */
const HISTORY_NAME = 'history'

/** A database as lists name it, by its address: a file's own name, or a server's database with its host. */
export function databaseName(address: string): string {
  if (engineOf(address) === 'history') return HISTORY_NAME
  const read = readPostgresAddress(address)
  return read.ok ? postgresName(read.address) : basename(address)
}
