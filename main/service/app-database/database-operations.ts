import type { Database } from 'better-sqlite3'

/** A database of the workspace as the app database has it, not yet validated. */
export interface DatabaseRow {
  readonly path: string
  readonly name: string
  readonly mode: string
  readonly sample: number
}

export function databaseOperations(db: Database) {
  const list = db.prepare<[], DatabaseRow>(
    'SELECT path, name, mode, sample FROM databases ORDER BY opened_at, rowid',
  )
  const add = db.prepare<[string, string, string, number, number]>(
    `INSERT INTO databases (path, name, mode, sample, opened_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (path) DO UPDATE SET name = excluded.name, mode = excluded.mode, sample = excluded.sample`,
  )
  const forget = db.prepare<[string]>('DELETE FROM databases WHERE path = ?')

  return {
    'database.list'(): DatabaseRow[] {
      return list.all()
    },
    /** Adds a database at the end of the list, or changes the one with that path where it stands. */
    'database.add'(entry: DatabaseRow & { readonly openedAt: number }): void {
      add.run(entry.path, entry.name, entry.mode, entry.sample, entry.openedAt)
    },
    'database.forget'({ path }: { readonly path: string }): void {
      forget.run(path)
    },
  }
}
