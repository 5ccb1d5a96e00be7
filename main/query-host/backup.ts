import { setImmediate as nextTurn } from 'node:timers/promises'
import type { BackupProgress } from '#contract/query-host.ts'
import { databaseFailure, isEngineError, type Connection } from './database-failure.ts'

/** Pages copied between two looks at a cancel: 4 MB of usual pages, a few milliseconds of a disk. */
const PAGES_PER_STEP = 1_000

/**
 * Copies the database as it is at one moment, while others go on using it: https://www.sqlite.org/backup.html
 * @param to a file that is not there yet; what a cancel or failure leaves of it is the caller's to remove.
 * @throws RequestFailed `database`, `disk-full`, or the signal's reason.
 */
export async function backup(
  connection: Connection,
  to: string,
  signal: AbortSignal,
  onProgress: (progress: BackupProgress) => void,
): Promise<BackupProgress> {
  let last: BackupProgress = { done: 0, total: 0 }
  try {
    signal.throwIfAborted()
    const { totalPages } = await connection.backup(to, {
      progress({ totalPages: total, remainingPages }) {
        signal.throwIfAborted()
        last = { done: total - remainingPages, total }
        onProgress(last)
        return PAGES_PER_STEP
      },
    })
    await nextTurn()
    return { done: totalPages, total: totalPages }
  } catch (error) {
    throw isEngineError(error) ? databaseFailure(error, connection.name) : error
  }
}
