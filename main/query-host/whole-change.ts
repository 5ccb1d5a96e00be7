import type { Connection } from './database-failure.ts'
import { retryWhileLocked } from './retry-while-locked.ts'

/** Around a statement inside a transaction of the person's. */
const SAVEPOINT = 'offloop_statement'

export interface WholeChange<R> {
  readonly connection: Connection
  /** Stops the waiting for a lock. */
  readonly signal: AbortSignal
  readonly run: () => Promise<R>
  /** Whether the statement came to its end. */
  readonly isWhole: (ended: R) => boolean
}

/**
 * Runs a statement that changes something and answers with rows. It has changed all before its first row: what ends it
 * among them undoes that, and inside a transaction of the person's nothing else.
 * @returns what `run` does, and how many rows were changed.
 */
export async function wholeChange<R>(change: WholeChange<R>): Promise<{ ended: R; changes: number }> {
  const { connection, signal, run, isWhole } = change
  const [begin, keep, undo] = connection.inTransaction
    ? [`SAVEPOINT ${SAVEPOINT}`, `RELEASE ${SAVEPOINT}`, `ROLLBACK TO ${SAVEPOINT}; RELEASE ${SAVEPOINT}`]
    : ['BEGIN', 'COMMIT', 'ROLLBACK']
  await retryWhileLocked(() => connection.exec(begin), signal)
  let kept = false
  try {
    const ended = await run()
    const changes = Number(connection.prepare('SELECT changes()').pluck().get())
    if (isWhole(ended)) {
      await retryWhileLocked(() => connection.exec(keep), signal)
      kept = true
    }
    return { ended, changes }
  } finally {
    // Some errors, and an interrupt, end the whole transaction by themselves.
    if (!kept && connection.inTransaction) connection.exec(undo)
  }
}
