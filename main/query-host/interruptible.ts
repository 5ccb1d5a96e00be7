import Database from 'better-sqlite3'
import { acceleratorOf } from './accelerator/load.ts'
import type { Connection } from './database-failure.ts'

/**
 * Lets another process stop what is done on a connection, also inside a statement, where the extension is loaded.
 * @param stopToken names this execution; without one it is not watched.
 * @param when `always`, or only while the extension steps a statement of its own: an interrupt between two of its steps
 * would stay with the connection, and stop what closes the statement as well.
 * @throws SqliteError with SQLITE_INTERRUPT, or what `run` throws.
 */
export async function interruptible<R>(
  connection: Connection,
  stopToken: string | undefined,
  when: 'always' | 'while-packing',
  run: () => Promise<R>,
): Promise<R> {
  const accelerator = acceleratorOf(connection)
  if (!accelerator || stopToken === undefined) return run()
  try {
    if (accelerator.watch(stopToken, when === 'always')) {
      throw new Database.SqliteError('interrupted', 'SQLITE_INTERRUPT')
    }
    return await run()
  } finally {
    accelerator.unwatch()
  }
}
