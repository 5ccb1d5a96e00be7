import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { failed } from '#kit/request-failed.ts'

/** A numbered step of the schema; numbers start at 1 and have no gap. */
export interface Migration {
  readonly version: number
  readonly sql: string
}

/** `0001-runs.sql`: four digits, then what it is about. */
const FILE_NAME = /^(\d{4})-[a-z0-9-]+\.sql$/

/**
 * Reads the migrations of a folder in order.
 * @throws Error when a file is misnamed or a number is missing or given twice.
 */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).sort()
  return Promise.all(
    names.map(async (name, index) => {
      const version = Number(FILE_NAME.exec(name)?.[1])
      if (version !== index + 1)
        throw new Error(`"${name}" is not the migration number ${index + 1} of ${folder}.`)
      return { version, sql: await readFile(join(folder, name), 'utf8') }
    }),
  )
}

/**
 * Brings a database to the newest version, each step in a transaction of its own together with its number.
 * @throws RequestFailed `database` when a newer Offloop has written it.
 */
export function migrate(db: Database, migrations: readonly Migration[]): void {
  const version = versionOf(db)
  refuseNewer(db, migrations)
  for (const migration of migrations.slice(version)) {
    db.transaction(() => {
      db.exec(migration.sql)
      db.pragma(`user_version = ${migration.version}`)
    }).immediate()
  }
}

/** @throws RequestFailed `database` when the database is of a version that these migrations do not know. */
export function refuseNewer(db: Database, migrations: readonly Migration[]): void {
  const version = versionOf(db)
  if (version <= migrations.length) return
  throw failed(
    'database',
    `Offloop's own database "${db.name}" was written by a newer Offloop (version ${version} of its tables, this one knows ` +
      `${migrations.length}). Nothing was changed. Start the newer Offloop, or give this one another profile folder.`,
  )
}

/** The number of the last migration that a database has gone through. */
export function versionOf(db: Database): number {
  return Number(db.pragma('user_version', { simple: true }))
}
