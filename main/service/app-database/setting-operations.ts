import type { Database } from 'better-sqlite3'

/** A setting as the app database has it: its value as JSON text, not yet validated. */
export interface SettingRow {
  readonly key: string
  readonly value: string
}

export function settingOperations(db: Database) {
  const read = db.prepare<[], SettingRow>('SELECT key, value FROM settings')
  const write = db.prepare<[string, string]>(
    'INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  )

  return {
    'setting.read'(): SettingRow[] {
      return read.all()
    },
    'setting.write'({ settings }: { readonly settings: readonly SettingRow[] }): void {
      for (const { key, value } of settings) write.run(key, value)
    },
  }
}
