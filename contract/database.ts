import { z } from 'zod'
import { hasPassword } from './postgres-address.ts'

/**
 * How databases are named, everywhere: the absolute path of a SQLite file; `postgres://user@host:port/name?sslmode=…`
 * for a PostgreSQL server, without its password, which the system's keychain has; or `result:<run id>` for the finished
 * result of a query, which is then a read-only database with one table, `result`; or `history:`, with the folder of a profile
 * behind it, for what Offloop knows of its own runs.
 */
export const databaseAddress = z
  .string()
  .min(1)
  .refine((address) => !hasPassword(address), {
    message:
      'An address has no password in it, because it is shown and kept. Leave the password out, and save it in the keychain instead.',
  })

/** Before the folder of the profile whose history is meant. */
export const HISTORY = 'history:'

/** Which engine answers for an address. */
export function engineOf(address: string): 'sqlite' | 'postgres' | 'result' | 'history' {
  if (/^postgres(ql)?:\/\//.test(address)) return 'postgres'
  if (address.startsWith(HISTORY)) return 'history'
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

export const indexInfo = z.object({
  name: z.string(),
  unique: z.boolean(),
  /** Only over the rows that its WHERE lets through. */
  partial: z.boolean(),
  /** Why there is one: it was created, or a UNIQUE or PRIMARY KEY needs it. */
  origin: z.enum(['created', 'unique', 'primary-key']),
  columns: z.array(
    z.object({
      /** Null for an expression; the index's own SQL has it. */
      name: z.string().nullable(),
      descending: z.boolean(),
    }),
  ),
  /** Absent for one that a constraint made. */
  sql: z.string().optional(),
})
export type IndexInfo = z.infer<typeof indexInfo>

/** A table or view, with what a person needs to write a query on it. */
export const tableInfo = z.object({
  name: z.string(),
  kind: z.enum(['table', 'view', 'virtual', 'materialized']),
  /** The schema that it is in, where the engine has several. */
  schema: z.string().optional(),
  columns: z.array(
    z.object({
      name: z.string(),
      declaredType: z.string(),
      notNull: z.boolean(),
      /** Position in the primary key, from 1; 0 for a column outside it. */
      primaryKey: z.number().int().nonnegative(),
      /** Its default as written in the schema, an expression of SQL. */
      defaultValue: z.string().optional(),
      /** It is computed: when it is read, or when its row is written. */
      generated: z.enum(['virtual', 'stored']).optional(),
    }),
  ),
  /** How many rows a server believes that it has, by its own statistics; absent where it does not know. */
  estimatedRows: z.number().nonnegative().optional(),
  foreignKeys: z.array(z.object({ from: z.string(), table: z.string(), to: z.string().nullable() })),
  /** As it was created; absent for what the engine itself made. */
  sql: z.string().optional(),
  strict: z.boolean().optional(),
  withoutRowid: z.boolean().optional(),
  indexes: z.array(indexInfo).optional(),
  triggers: z.array(z.object({ name: z.string(), sql: z.string() })).optional(),
})
export type TableInfo = z.infer<typeof tableInfo>

export const schema = z.object({
  tables: z.array(tableInfo),
  /** Absent for SQLite. */
  engine: z.literal('postgres').optional(),
  /** Of a server; absent for SQLite. */
  serverVersion: z.string().optional(),
  /** Empty for another engine, as is `journalMode`. */
  sqliteVersion: z.string(),
  /** Of the file, or of the database on its server; in bytes. */
  bytes: z.number().int().nonnegative(),
  journalMode: z.string(),
})
export type Schema = z.infer<typeof schema>

/** A step of how the engine would run a statement, as EXPLAIN QUERY PLAN tells it. */
export const planStep = z.object({
  id: z.number().int(),
  /** Of the step that it is a part of; 0 at the top. */
  parent: z.number().int(),
  detail: z.string(),
  /** It reads every row of a table, index or part of the query. */
  scan: z.boolean(),
  /** The name of the index that it uses, if any. */
  index: z.string().optional(),
  /** The index alone answers; the table is not read. */
  covering: z.boolean(),
})
export type PlanStep = z.infer<typeof planStep>

/** The pragmas that matter, in the order in which they are shown. */
export const pragmaNames = [
  'journal_mode',
  'auto_vacuum',
  'page_size',
  'user_version',
  'application_id',
  'encoding',
  'page_count',
  'freelist_count',
  'synchronous',
  'foreign_keys',
  'cache_size',
  'busy_timeout',
  'wal_autocheckpoint',
  'trusted_schema',
] as const
export const pragmaName = z.enum(pragmaNames)
export type PragmaName = z.infer<typeof pragmaName>

export const pragmaInfo = z.object({
  /** Also the key of what it means, in the window's messages. */
  name: pragmaName,
  value: z.string(),
  /** Kept in the file, or a choice of each connection: then what is shown is how Offloop's own are set. */
  scope: z.enum(['file', 'connection']),
  /** The values to choose from; absent where any integer will do. */
  values: z.array(z.string()).optional(),
  /** It can be set with `database.setPragma`, if the database is open read-write. */
  editable: z.boolean(),
  /** A new value takes effect only when VACUUM has rewritten the file. */
  needsVacuum: z.boolean(),
})
export type PragmaInfo = z.infer<typeof pragmaInfo>
