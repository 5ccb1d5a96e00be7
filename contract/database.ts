import { z } from 'zod'

/**
 * How databases are named, everywhere: the absolute path of a SQLite file; `postgres://user@host:port/name?sslmode=…`
 * for a PostgreSQL server, without its password, which the system's keychain has; or `result:<run id>` for the finished
 * result of a query, which is then a read-only database with one table, `result`.
 */
export const databaseAddress = z.string().min(1)

/** Which engine answers for an address. */
export function engineOf(address: string): 'sqlite' | 'postgres' | 'result' {
  if (/^postgres(ql)?:\/\//.test(address)) return 'postgres'
  return address.startsWith('result:') ? 'result' : 'sqlite'
}

/** A database that the person has opened, as the side bar lists it. */
export const databaseEntry = z.object({
  /** Absolute path; the identity of the entry. */
  path: z.string().min(1),
  name: z.string(),
  mode: z.enum(['read-only', 'read-write']),
  /** Offloop's own sample, which may be made again at any time. */
  sample: z.boolean(),
})
export type DatabaseEntry = z.infer<typeof databaseEntry>

/** A table or view, with what a person needs to write a query on it. */
export const tableInfo = z.object({
  name: z.string(),
  kind: z.enum(['table', 'view', 'virtual']),
  columns: z.array(
    z.object({
      name: z.string(),
      declaredType: z.string(),
      notNull: z.boolean(),
      /** Position in the primary key, from 1; 0 for a column outside it. */
      primaryKey: z.number().int().nonnegative(),
    }),
  ),
  foreignKeys: z.array(z.object({ from: z.string(), table: z.string(), to: z.string().nullable() })),
})
export type TableInfo = z.infer<typeof tableInfo>

export const schema = z.object({
  tables: z.array(tableInfo),
  sqliteVersion: z.string(),
  /** Of the file, in bytes. */
  bytes: z.number().int().nonnegative(),
  journalMode: z.string(),
})
export type Schema = z.infer<typeof schema>
