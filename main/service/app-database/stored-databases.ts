import { databaseEntry, type DatabaseEntry } from '#contract/database.ts'
import type { AppDatabase } from './client.ts'

/** The workspace's databases, as they are kept. */
export interface StoredDatabases {
  /** In the order in which they were opened. */
  list(): Promise<DatabaseEntry[]>
  /** Adds a database, or changes the one with the same path. */
  add(entry: DatabaseEntry): Promise<void>
  /** Takes a database off the list; its file stays. Forgetting an unknown one does nothing. */
  forget(path: string): Promise<void>
}

/** @param onTrouble is told of rows that do not fit, which are then passed over. */
export function storedDatabases(
  database: AppDatabase,
  onTrouble: (message: string) => void,
): StoredDatabases {
  return {
    async list() {
      const rows = await database.ask('database.list')
      return rows.flatMap((row) => {
        const parsed = databaseEntry.safeParse({ ...row, sample: row.sample !== 0 })
        if (parsed.success) return [parsed.data]
        onTrouble(`The workspace's database "${row.path}" is not stored as it should be and is passed over.`)
        return []
      })
    },
    add: (entry) =>
      database.ask('database.add', { ...entry, sample: entry.sample ? 1 : 0, openedAt: Date.now() }),
    forget: (path) => database.ask('database.forget', { path }),
  }
}
