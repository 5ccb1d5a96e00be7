import type Database from 'better-sqlite3'
import { failed, type RequestFailed } from '#kit/request-failed.ts'

/** An error that SQLite itself reported. */
export interface EngineError extends Error {
  /** Extended result code by name, such as `SQLITE_BUSY_SNAPSHOT`. */
  readonly code: string
}

/** Whether something thrown came from SQLite. */
export function isEngineError(thrown: unknown): thrown is EngineError {
  return (
    thrown instanceof Error &&
    'code' in thrown &&
    typeof thrown.code === 'string' &&
    thrown.code.startsWith('SQLITE_')
  )
}

/** Whether another connection holds a lock that will be gone after a while. */
export function isLocked(thrown: unknown): boolean {
  return isEngineError(thrown) && /^SQLITE_(BUSY|LOCKED)/.test(thrown.code)
}

/** Whether a change that was broken off stands in the file, which the next connection that may write puts back. */
export function isUnfinished(thrown: unknown): boolean {
  return isEngineError(thrown) && /^SQLITE_READONLY_(ROLLBACK|RECOVERY)/.test(thrown.code)
}

/** Whether a statement was interrupted, which only a cancel does. */
export function isInterrupt(thrown: unknown): thrown is EngineError {
  return isEngineError(thrown) && thrown.code === 'SQLITE_INTERRUPT'
}

/** What happened to the database at `path`, for a person, with the engine's code; `cancelled` for an interrupt. */
export function databaseFailure(error: EngineError, path: string, position?: number): RequestFailed {
  const details = { engineCode: error.code, ...(position === undefined ? {} : { position }) }
  if (isInterrupt(error))
    return failed('cancelled', 'This was stopped, and what it had changed was undone.', details)
  return failed('database', messageFor(error, path), details)
}

/** The name of the connection to a result, whose one table lies in files of Offloop's own. */
const RESULT = ':memory:'

/** Says that VACUUM cannot be run on a connection that must not write. */
export function vacuumRefusal({ name }: Connection): RequestFailed {
  return refusal(
    name === RESULT
      ? 'A result can only be read, and VACUUM writes.'
      : `${name} is open read-only, and VACUUM writes. Open it read-write to run it.`,
  )
}

function messageAboutResult({ code, message }: EngineError): string {
  if (code === 'SQLITE_READONLY' || message.endsWith('may not be modified')) {
    return 'A result is what its query found, and cannot be changed. Change the table that it came from.'
  }
  if (/^SQLITE_CORRUPT/.test(code)) {
    return `The result was damaged on the disk (${message}). The rows before are right. Run its query again to have all of it.`
  }
  return message
}

function messageFor(error: EngineError, path: string): string {
  if (path === RESULT) return messageAboutResult(error)
  const { code, message } = error
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) {
    return `${path} is locked by another program. Close it there, or wait until it has finished, and try again.`
  }
  if (code === 'SQLITE_NOTADB') {
    return `${path} is not a SQLite database, or it is encrypted. Choose another file.`
  }
  if (code === 'SQLITE_READONLY_ROLLBACK' || code === 'SQLITE_READONLY_RECOVERY') {
    return `${path} was left in the middle of a change by another program. Open it read-write once, so that SQLite can put it right.`
  }
  if (/^SQLITE_CORRUPT/.test(code)) {
    return `${path} is damaged (${message}). Nothing was changed. Restore it from a backup, or try sqlite3's ".recover".`
  }
  if (/^SQLITE_FULL/.test(code)) {
    return `The disk with ${path} is full; the change was rolled back. Free some space and try again.`
  }
  // Only ATTACH names a file in its message: the one that was to be attached.
  const attached = /^unable to open database: (.+)$/s.exec(message)?.[1]
  if (attached !== undefined) {
    return `${attached} cannot be attached: there is no such file, it cannot be read, or it would have to be made or changed while ${path} is open read-only. Check its path.`
  }
  if (/^SQLITE_CANTOPEN/.test(code)) {
    return `${path} cannot be opened (${message}). In WAL mode SQLite must be able to write beside the file: check the permissions of its folder.`
  }
  if (code === 'SQLITE_READONLY') {
    return `${path} is open read-only, so nothing was changed. Open it read-write to change it.`
  }
  return message
}

/** Says that the statement itself cannot be run, in the engine's place. */
export function refusal(message: string): RequestFailed {
  return failed('database', message)
}

/** The type of an open connection. */
export type Connection = Database.Database
