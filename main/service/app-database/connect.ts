import Sqlite, { type Database } from 'better-sqlite3'
import { sqliteFailure } from './sqlite-failure.ts'

/** Another Offloop on the same profile is ended by the time this is over, or it is a fault. In milliseconds. */
const BUSY_TIMEOUT_MS = 5_000

/** A connection that writes. */
export function connect(file: string): Database {
  const db = new Sqlite(file, { timeout: BUSY_TIMEOUT_MS, ...binding() })
  db.pragma('journal_mode = WAL')
  // An acknowledged run must be there after a power cut: NORMAL would lose the last commits of the log.
  db.pragma('synchronous = FULL')
  db.pragma('foreign_keys = ON')
  return db
}

/** A connection that never changes a byte: it does not even copy the log of writes back into the file. */
export function connectReadOnly(file: string): Database {
  return new Sqlite(file, { readonly: true, timeout: BUSY_TIMEOUT_MS, ...binding() })
}

/** Opens it beside the connection that writes, once that has opened it. @throws RequestFailed `database` */
export function openForReading(file: string): Database {
  try {
    return connectReadOnly(file)
  } catch (error) {
    throw sqliteFailure(error, file)
  }
}

/** An addon built for a runtime that the shipped one does not fit. */
function binding(): { nativeBinding?: string } {
  const path = process.env['OFFLOOP_SQLITE_BINDING']
  return path ? { nativeBinding: path } : {}
}
