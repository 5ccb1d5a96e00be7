import { stat } from 'node:fs/promises'
import Database from 'better-sqlite3'
import { isEngineError, type Connection } from './database-failure.ts'

/**
 * Closes a connection and leaves the folder as it was.
 *
 * A database in WAL mode needs two files beside it even for reading, and a read-only connection cannot remove them when
 * it closes (seen with SQLite 3.54). Where the log is empty, the connection that opened it read-write for a moment does,
 * under SQLite's own locks, so that no other program is disturbed, and without changing a byte of the database.
 */
export async function closeDatabase(connection: Connection): Promise<void> {
  const { name: path, readonly } = connection
  connection.close()
  if (!readonly || !(await isEmptyFile(`${path}-wal`))) return
  try {
    const { OFFLOOP_SQLITE_BINDING: nativeBinding } = process.env
    const sweeper = new Database(path, {
      fileMustExist: true,
      timeout: 0,
      ...(nativeBinding ? { nativeBinding } : {}),
    })
    sweeper.pragma('schema_version')
    sweeper.close()
  } catch (error) {
    // Another program has it open, or the person may not write: then the files are not ours to remove.
    if (!isEngineError(error)) throw error
  }
}

async function isEmptyFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).size === 0
  } catch {
    return false
  }
}
