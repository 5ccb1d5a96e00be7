import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { onTestFinished } from 'vitest'
import { openAppDatabase, type AppDatabase } from './client.ts'
import { MIGRATIONS, WORKER } from './locations-fixture.ts'

/** Makes a folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'offloop-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Where the app database lies in a test's folder. */
export function databaseFile(folder: string): string {
  return join(folder, 'offloop.sqlite')
}

/** The kinds of the runs' states as the disk has them now, the first run first. */
export function statesOnDisk(folder: string): unknown[] {
  const db = new Sqlite(databaseFile(folder), { readonly: true })
  try {
    return db.prepare('SELECT state_kind FROM runs ORDER BY id').pluck().all()
  } finally {
    db.close()
  }
}

/** Opens the app database of a folder in a real worker thread; it is closed after the test. */
export async function openFixture(folder: string, migrations = MIGRATIONS): Promise<AppDatabase> {
  const database = await openAppDatabase({ worker: WORKER, file: databaseFile(folder), migrations })
  onTestFinished(() => database.close())
  return database
}
