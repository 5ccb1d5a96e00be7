import type { Database } from 'better-sqlite3'

/** A saved query as the app database has it, not yet validated. */
export interface SavedQueryRow {
  readonly name: string
  /** All of the text, or as much of it as was asked for. */
  readonly sql: string
  readonly database: string | null
}

/** With all of its text, and its chart as JSON. */
export interface WholeSavedQueryRow extends SavedQueryRow {
  readonly chart: string | null
}

export function savedQueryOperations(db: Database) {
  const list = db.prepare<[number], SavedQueryRow>(
    'SELECT name, substr(sql, 1, ?) AS sql, database FROM saved_queries ORDER BY name',
  )
  const get = db.prepare<[string], WholeSavedQueryRow>(
    'SELECT name, sql, database, chart FROM saved_queries WHERE name = ?',
  )
  const save = db.prepare<[string, string, string | null, string | null]>(
    'INSERT OR REPLACE INTO saved_queries (name, sql, database, chart) VALUES (?, ?, ?, ?)',
  )
  const rename = db.prepare<[string, string]>('UPDATE saved_queries SET name = ? WHERE name = ?')
  const remove = db.prepare<[string]>('DELETE FROM saved_queries WHERE name = ?')

  return {
    /** @param params characters of each text. */
    'savedQuery.list'({ characters }: { readonly characters: number }): SavedQueryRow[] {
      return list.all(characters)
    },
    'savedQuery.get'({ name }: { readonly name: string }): WholeSavedQueryRow | undefined {
      return get.get(name)
    },
    'savedQuery.save'({ name, sql, database, chart }: WholeSavedQueryRow): void {
      save.run(name, sql, database, chart)
    },
    'savedQuery.rename'({ names }: { readonly names: readonly (readonly [string, string])[] }): void {
      for (const [from, to] of names) rename.run(to, from)
    },
    'savedQuery.delete'({ name }: { readonly name: string }): void {
      remove.run(name)
    },
  }
}
