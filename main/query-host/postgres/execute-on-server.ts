import type { QueryBudget, QueryProgress } from '#contract/run.ts'
import type { SqlParams } from '#contract/sql-value.ts'
import type { Commits } from '#contract/statement.ts'
import { failed } from '#kit/request-failed.ts'
import { nextBatchRows, FIRST_BATCH_ROWS } from './batch-size.ts'
import { bindValues, type BoundStatement } from './bind-values.ts'
import { collectRows, type CollectedRows, type CollectOptions } from './collect-rows.ts'
import type { ServerConnection, ServerTarget } from './connect.ts'
import type { LendConnection, LentConnection } from './lend-connection.ts'
import { openCursor, type StatementCursor } from './open-cursor.ts'
import { refuseWhatCannotBeRun } from './refuse-statement.ts'
import { isServerError, SQLSTATE, statementFailure } from './server-failure.ts'
import { stopStatement } from './stop-statement.ts'

export interface ServerExecution extends CollectOptions {
  readonly target: ServerTarget
  readonly lend: LendConnection
  readonly sql: string
  readonly params: SqlParams | undefined
  /** The connection is a session's own, so that it may begin and end transactions; undefined for one of the pool. */
  readonly commits: Commits | undefined
  /** Aborting has the server cancel the statement. */
  readonly signal: AbortSignal
}

export interface ServerExecuted {
  readonly progress: QueryProgress
  /** It was stopped before its last row. */
  readonly stoppedEarly: boolean
  /** It was stopped inside the statement. */
  readonly interrupted: boolean
  /** A budget of its result was used up. */
  readonly limitedBy?: 'rows' | 'bytes'
}

/**
 * Runs one statement on a connection of its own and writes its rows to a result, as the one for SQLite does.
 * @throws RequestFailed `database` with SQLSTATE and the position in the text, `deadline`, `disk-full`.
 */
export async function executeOnServer(execution: ServerExecution): Promise<ServerExecuted> {
  const { lend, sql, budget, commits, signal, target } = execution
  refuseWhatCannotBeRun(sql, target.mode, commits !== undefined)
  const statement = bindValues(sql, execution.params)
  const start = performance.now()
  let lent: LentConnection
  try {
    lent = await lend({ sql, timeoutMs: budget?.timeoutMs, commits }, signal)
  } catch (error) {
    if (signal.aborted) return stoppedAtOnce()
    throw error
  }
  const { connection } = lent
  const stop = stopStatement({ ...lent, timeoutMs: budget?.timeoutMs }, signal)
  let succeeded = false
  const rows = collectRows(execution, lent, stop.signal)
  const cursor = openedCursor(statement, rows)
  try {
    const limitedBy = await readAll(execution, lent, cursor, rows, stop.signal)
    rows.end(limitedBy === undefined)
    await lent.settle(limitedBy !== 'cancelled')
    succeeded = true
    if (limitedBy === 'cancelled' && stop.reason === 'deadline') {
      throw deadlineFailure(budget?.timeoutMs ?? 0, rows.progress().rows)
    }
    if (limitedBy === 'cancelled')
      return { progress: rows.progress(), stoppedEarly: true, interrupted: false }
    const progress = rows.progress()
    return { progress, stoppedEarly: false, interrupted: false, ...(limitedBy ? { limitedBy } : {}) }
  } catch (error) {
    rows.flush()
    if (rows.broken) {
      if (connection.alive) await cursor.close()
      throw rows.broken
    }
    const stopped = stop.reason ?? (isTimeout(error, start, budget) ? 'deadline' : undefined)
    if (!isStopped(error, connection) || stopped === undefined)
      throw statementFailure(error, target.address, statement)
    if (stopped === 'deadline') throw deadlineFailure(budget?.timeoutMs ?? 0, rows.progress().rows)
    return { progress: rows.progress(), stoppedEarly: true, interrupted: true }
  } finally {
    await stop.settled()
    rows.close()
    // Where even this fails the connection has ended, and its next statement says so.
    if (!succeeded) await lent.settle(false).catch(() => undefined)
    lent.giveBack()
  }
}

function stoppedAtOnce(): ServerExecuted {
  return {
    progress: { columns: null, rows: 0, bytes: 0, changes: null },
    stoppedEarly: true,
    interrupted: false,
  }
}

/** Whether the server has confirmed that it stopped, or can no longer say anything. */
function isStopped(error: unknown, connection: ServerConnection): boolean {
  return !connection.alive || (isServerError(error) && error.code === SQLSTATE.queryCanceled)
}

/** Whether the server's own clock has ended it: its limit is the budget's, and begins to count later. */
function isTimeout(error: unknown, start: number, budget: QueryBudget | undefined): boolean {
  const { timeoutMs } = budget ?? {}
  return (
    timeoutMs !== undefined &&
    isServerError(error) &&
    error.code === SQLSTATE.queryCanceled &&
    performance.now() - start >= timeoutMs
  )
}

function deadlineFailure(timeoutMs: number, rows: number): Error {
  return failed(
    'deadline',
    `The statement took longer than the ${timeoutMs} ms it was given. It was stopped on the server; the ${rows} rows so far are kept. Give it more time, or ask for less.`,
    { engineCode: SQLSTATE.queryCanceled },
  )
}

function openedCursor({ text, values }: BoundStatement, rows: CollectedRows): StatementCursor {
  return openCursor(text, values, { onFields: rows.fields, onRow: rows.add })
}

/**
 * Asks for batch after batch until the statement has ended, a budget is used up, or it was cancelled between two.
 * @returns what stopped it early.
 */
async function readAll(
  { target, budget }: ServerExecution,
  { connection, lasts }: LentConnection,
  cursor: StatementCursor,
  rows: CollectedRows,
  signal: AbortSignal,
): Promise<'rows' | 'bytes' | 'cancelled' | undefined> {
  connection.client.query(cursor.submittable)
  let count = FIRST_BATCH_ROWS
  for (;;) {
    const bytesBefore = connection.bytesRead
    const asked = performance.now()
    const batch = await cursor.read(count)
    const limitedBy = rows.limitedBy
    if (limitedBy === undefined && batch.rows < count) {
      rows.complete(batch)
      return undefined
    }
    await rows.room()
    if (limitedBy !== undefined || signal.aborted) {
      // Ending the cursor would commit what the statement has changed; ending the connection undoes it.
      if (!lasts && (target.mode === 'read-write' || signal.aborted)) connection.destroy()
      else await cursor.close()
      return limitedBy ?? 'cancelled'
    }
    count = nextBatchRows({
      rows: count,
      bytes: connection.bytesRead - bytesBefore,
      ms: performance.now() - asked,
      // One more than there may be tells whether there are more.
      most: budget?.rows === undefined ? undefined : budget.rows - rows.progress().rows + 1,
    })
  }
}
