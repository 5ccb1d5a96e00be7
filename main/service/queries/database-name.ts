import { basename } from 'node:path'
import { postgresName, readPostgresAddress } from '#contract/postgres-address.ts'

/** A database as lists name it, by its address: a file's own name, or a server's database with its host. */
export function databaseName(address: string): string {
  const read = readPostgresAddress(address)
  return read.ok ? postgresName(read.address) : basename(address)
}
