import { constants } from 'node:fs'
import { access, copyFile, mkdir, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import Sqlite, { type Database } from 'better-sqlite3'
import { failed, type RequestFailed } from '#kit/request-failed.ts'
import { migrate, readMigrations, refuseNewer } from './migrate.ts'
import { systemCode } from '../platform/system-code.ts'
import { sqliteFailure } from './sqlite-failure.ts'
import type { WorkerStart } from './messages.ts'

/** Another Offloop on the same profile is ended by the time this is over, or it is a fault. In milliseconds. */
const BUSY_TIMEOUT_MS = 5_000

/** What SQLite keeps beside a database file; the log may hold commits that the file itself lacks. */
const SIDE_FILES = ['', '-wal'] as const

/**
 * Opens the app database, made or brought to the newest version as needed. A damaged one is copied, byte for byte, to a
 * file beside it and refused; it is never replaced by an empty one.
 * @throws RequestFailed `database` with a message for the person, or `disk-full`.
 */
export async function openDatabase({ file, migrations: folder }: WorkerStart): Promise<Database> {
  const migrations = await readMigrations(folder)
  try {
    await mkdir(dirname(file), { recursive: true })
    if (await exists(file)) {
      await inspect(file, (db) => refuseNewer(db, migrations))
    } else {
      // Made under another name first: so an empty file under its own name is always damage, and never a beginning.
      const making = `${file}.making`
      for (const side of ['', '-wal', '-shm']) await rm(making + side, { force: true })
      const fresh = connect(making)
      migrate(fresh, migrations)
      fresh.close()
      await rename(making, file)
    }
    const db = connect(file)
    migrate(db, migrations)
    return db
  } catch (error) {
    throw sqliteFailure(error, file)
  }
}

/** Opens it beside the connection that writes, once that has opened it. @throws RequestFailed `database` */
export function openForReading(file: string): Database {
  try {
    return new Sqlite(file, { readonly: true, timeout: BUSY_TIMEOUT_MS, ...binding() })
  } catch (error) {
    throw sqliteFailure(error, file)
  }
}

/** Looks at an existing database without changing a byte of it. */
async function inspect(file: string, check: (db: Database) => void): Promise<void> {
  if ((await stat(file)).size === 0) throw await damaged(file, 'the file is empty')
  let db: Database | undefined
  try {
    // A read-only connection never copies the write-ahead log back into the file.
    db = new Sqlite(file, { readonly: true, timeout: BUSY_TIMEOUT_MS, ...binding() })
    const complaint = db.pragma('quick_check(1)', { simple: true })
    if (complaint !== 'ok') throw await damaged(file, String(complaint).replace(/\s+/g, ' '))
    check(db)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT'))
      throw await damaged(file, error instanceof Error ? error.message : code)
    throw error
  } finally {
    db?.close()
  }
}

function connect(file: string): Database {
  const db = new Sqlite(file, { timeout: BUSY_TIMEOUT_MS, ...binding() })
  db.pragma('journal_mode = WAL')
  // An acknowledged run must be there after a power cut: NORMAL would lose the last commits of the log.
  db.pragma('synchronous = FULL')
  db.pragma('foreign_keys = ON')
  return db
}

/** An addon built for a runtime that the shipped one does not fit. */
function binding(): { nativeBinding?: string } {
  const path = process.env['OFFLOOP_SQLITE_BINDING']
  return path ? { nativeBinding: path } : {}
}

/** Keeps a copy named after the damaged file's own time, so that starting again and again makes one copy only. */
async function damaged(file: string, complaint: string): Promise<RequestFailed> {
  const { mtimeMs } = await stat(file)
  const copy = `${file}.damaged-${Math.round(mtimeMs)}`
  for (const side of SIDE_FILES)
    if ((await exists(file + side)) && !(await exists(copy + side)))
      await copyFile(file + side, copy + side, constants.COPYFILE_EXCL)
  return failed(
    'database',
    `Offloop's own database "${file}" is damaged (${complaint}). It was left as it is, and a copy is in "${copy}". ` +
      `Put a backup in its place, or move it away to begin with an empty history; your own databases are not affected.`,
    { engineCode: 'SQLITE_CORRUPT' },
  )
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file)
    return true
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false
    throw error
  }
}
