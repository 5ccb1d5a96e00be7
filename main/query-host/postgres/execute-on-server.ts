import type { FieldDef } from 'pg'
import { buildChunks, type ChunkBuilder } from '#contract/chunk/encode.ts'
import type { ColumnInfo, QueryBudget, QueryProgress } from '#contract/run.ts'
import type { SqlParams } from '#contract/sql-value.ts'
import type { Commits } from '#contract/statement.ts'
import { failed } from '#kit/request-failed.ts'
import { writeResult, type ResultWriter } from '../result-writer.ts'
import type { RowsFeed } from '../rows-feed.ts'
import { nextBatchRows, FIRST_BATCH_ROWS } from './batch-size.ts'
import { changedRows } from './changed-rows.ts'
import { bindValues, type BoundStatement } from './bind-values.ts'
import type { ServerConnection, ServerTarget } from './connect.ts'
import { keepNotices } from './keep-notices.ts'
import type { LendConnection, LentConnection } from './lend-connection.ts'
import { openCursor, type Batch, type StatementCursor } from './open-cursor.ts'
import { refuseWhatCannotBeRun } from './refuse-statement.ts'
import { isServerError, SQLSTATE, statementFailure } from './server-failure.ts'
import { stopStatement } from './stop-statement.ts'

/** The first rows are sent when there are so many, a tall window full. */
const FIRST_CHUNK_ROWS = 200
/** A slow statement's rows reach the file, and a reader of it, at least this often. */
const CHUNK_PATIENCE_MS = 250
/** Progress is shown ten times a second: more is not read. */
const PROGRESS_INTERVAL_MS = 100

export interface ServerExecution {
  readonly target: ServerTarget
  readonly lend: LendConnection
  readonly sql: string
  readonly params: SqlParams | undefined
  readonly budget: QueryBudget | undefined
  readonly resultPath: string
  readonly feed: RowsFeed
  /** The connection is a session's own, so that it may begin and end transactions; undefined for one of the pool. */
  readonly commits: Commits | undefined
  /** Names of types by their object ids. */
  readonly typeName: (typeId: number) => string | null
  /** Aborting has the server cancel the statement. */
  readonly signal: AbortSignal
  /** Told of the progress at most ten times a second. */
  readonly onProgress: (progress: QueryProgress) => void
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

/** Rows on their way from the server into the result and to its reader. */
interface CollectedRows {
  readonly fields: (fields: readonly FieldDef[]) => void
  readonly add: (row: Parameters<ChunkBuilder['append']>[0]) => void
  /** Which budget there is no more room in; rows that come now are dropped. */
  readonly limitedBy: 'rows' | 'bytes' | undefined
  /** Why they cannot be written any more; a connection that does not last is ended then. */
  readonly broken: Error | undefined
  /** Waits for a slow reader. */
  room(): Promise<void>
  complete(batch: Batch): void
  /** Writes what is at hand. */
  flush(): void
  /** Writes what is at hand and, for a whole result, its mark. */
  end(whole: boolean): void
  close(): void
  progress(): QueryProgress
}

/** @param stop aborted when the statement is to be stopped: then nothing waits for a reader any more. */
function collectRows(
  execution: ServerExecution,
  { connection, lasts }: LentConnection,
  stop: AbortSignal,
): CollectedRows {
  const { resultPath, budget, feed, typeName, onProgress } = execution
  const { rows: mostRows = Infinity, bytes: mostBytes = Infinity } = budget ?? {}
  const notices = keepNotices()
  let columns: ColumnInfo[] | null = null
  let writer: ResultWriter | undefined
  let builder: ChunkBuilder | undefined
  let taken = 0
  let changes: number | null = null
  let limitedBy: 'rows' | 'bytes' | undefined
  let waiting: Promise<void> | undefined
  let lastChunk = performance.now()
  let broken: Error | undefined
  connection.onNotice = notices.add

  function progress(): QueryProgress {
    const said = notices.list()
    return {
      columns,
      rows: writer?.rows ?? 0,
      bytes: writer?.bytes ?? 0,
      changes,
      ...(said.length === 0 ? {} : { notices: said }),
    }
  }
  function begin(found: ColumnInfo[]): void {
    columns = found
    writer = writeResult(resultPath, found)
    builder = buildChunks(found.length)
    lastChunk = performance.now()
    feed.columns(found)
    onProgress(progress())
  }
  function flush(): void {
    lastChunk = performance.now()
    if (!builder || !writer || builder.rows === 0) return
    const { rows } = builder
    const firstRow = writer.rows
    const chunk = builder.finish()
    writer.write(chunk, rows)
    waiting = feed.push(chunk, firstRow, rows, stop) ?? waiting
    if (writer.bytes >= mostBytes) limitedBy ??= 'bytes'
    if (firstRow === 0) onProgress(progress())
  }
  /** What goes wrong here is thrown where the batch is awaited: the driver that calls could do nothing with it. */
  function guarded(work: () => void): void {
    if (broken) return
    try {
      work()
    } catch (error) {
      broken = error instanceof Error ? error : new Error(String(error))
      if (!lasts) connection.destroy()
    }
  }
  const ticking = setInterval(() => {
    const old = performance.now() - lastChunk >= (writer?.rows === 0 ? 0 : CHUNK_PATIENCE_MS)
    if (old) guarded(flush)
    onProgress(progress())
  }, PROGRESS_INTERVAL_MS)

  return {
    fields: (fields) =>
      guarded(() =>
        begin(fields.map(({ name, dataTypeID }) => ({ name, declaredType: typeName(dataTypeID) }))),
      ),
    add: (row) =>
      guarded(() => {
        if (taken >= mostRows) limitedBy ??= 'rows'
        if (limitedBy !== undefined || !builder) return
        taken += 1
        builder.append(row)
        if (builder.full || (builder.rows >= FIRST_CHUNK_ROWS && writer?.rows === 0)) flush()
      }),
    get limitedBy() {
      return limitedBy
    },
    get broken() {
      return broken
    },
    async room() {
      if (broken) throw broken
      // The first rows of a statement that takes its time should not wait for the next batch.
      if (writer?.rows === 0) flush()
      await waiting
      waiting = undefined
    },
    complete({ command, rowCount }) {
      if (broken) throw broken
      if (!columns) begin([])
      changes = changedRows(command, columns?.length ? taken : rowCount)
    },
    flush: () => {
      guarded(flush)
    },
    end(whole) {
      flush()
      if (whole) writer?.end()
    },
    close() {
      clearInterval(ticking)
      writer?.close()
    },
    progress,
  }
}
