import { z } from 'zod'

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
