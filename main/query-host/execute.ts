import { setImmediate as nextTurn } from 'node:timers/promises'
import type Database from 'better-sqlite3'
import { buildChunks, type RawValue } from '#contract/chunk/encode.ts'
import type { ColumnInfo, QueryProgress } from '#contract/run.ts'
import { databaseFailure, isEngineError, refusal, type Connection } from './database-failure.ts'
import { errorPosition } from './error-position.ts'
import { writeResult, type ResultWriter } from './result-writer.ts'
import { retryWhileLocked } from './retry-while-locked.ts'
import type { RowsFeed } from './rows-feed.ts'
import { statementKeyword } from './statement-keyword.ts'

/** The first rows are sent when there are so many, a tall window full, */
const FIRST_CHUNK_ROWS = 200
/** or when so much time has passed since the first of them. */
const FIRST_CHUNK_MS = 10
/** How long rows are read before the loop turns and a cancel can be heard. */
const SLICE_MS = 8
/** A slow statement's rows reach the file, and a reader of it, at least this often. */
const CHUNK_PATIENCE_MS = 250
/** Progress is shown ten times a second: more is not read. */
const PROGRESS_INTERVAL_MS = 100

type RowsStatement = Database.Statement<[], RawValue[]>

export interface Execution {
  readonly connection: Connection
  readonly sql: string
  readonly resultPath: string
  readonly feed: RowsFeed
  /** Aborting stops between two rows. */
  readonly signal: AbortSignal
  /** Told of the progress at most ten times a second. */
  readonly onProgress: (progress: QueryProgress) => void
}

export interface Executed {
  readonly progress: QueryProgress
  /** It was stopped before its last row. */
  readonly stoppedEarly: boolean
}

/**
 * Runs one statement and writes its rows to a result.
 * @throws RequestFailed `database` with the engine's code and, where it is known, the position in the text; `disk-full`.
 */
export async function execute(execution: Execution): Promise<Executed> {
  const { connection, sql, signal } = execution
  refuseWhatCannotBeRun(connection, sql)
  try {
    signal.throwIfAborted()
    const statement = await retryWhileLocked(() => prepare(connection, sql), signal)
    if (!statement.reader) return await change(execution, statement)
    // What writes and answers with rows has written before its first row: only a transaction lets a cancel undo it.
    const wrapped = !statement.readonly && !isPragma(sql)
    return wrapped ? await changeWithRows(execution, statement) : await readRows(execution, statement)
  } catch (error) {
    if (signal.aborted && error === signal.reason) return stoppedAtOnce()
    if (isEngineError(error))
      throw databaseFailure(error, connection.name, errorPosition(connection, sql, error.message))
    throw error
  } finally {
    if (connection.inTransaction) connection.exec('ROLLBACK')
  }
}

function stoppedAtOnce(): Executed {
  return { progress: { columns: null, rows: 0, bytes: 0, changes: null }, stoppedEarly: true }
}

/** Whether a statement is a PRAGMA, which may change the connection for whoever uses it next. */
export function isPragma(sql: string): boolean {
  return statementKeyword(sql) === 'PRAGMA'
}

/** Statements that would reach past their own run, which hosts share, or past read-only mode. */
function refuseWhatCannotBeRun(connection: Connection, sql: string): void {
  switch (statementKeyword(sql)) {
    case '':
      if (sql.replace(/[\s;]/g, '') === '')
        throw refusal('There is no statement to run. Write one, for example SELECT 1.')
      return
    case 'BEGIN':
    case 'COMMIT':
    case 'END':
    case 'ROLLBACK':
    case 'SAVEPOINT':
    case 'RELEASE':
      throw refusal(
        'A transaction cannot be kept open from one run to the next. Each statement is a transaction of its own.',
      )
    case 'ATTACH':
    case 'DETACH':
      throw refusal(
        'Another database cannot be attached: each run sees its own database only. Open the other one beside it.',
      )
    case 'VACUUM':
      // SQLite itself would let VACUUM INTO make a new file from a read-only connection.
      if (connection.readonly) {
        throw refusal(
          `${connection.name} is open read-only, and VACUUM writes. Open it read-write to run it.`,
        )
      }
      return
    default:
      return
  }
}

function prepare(connection: Connection, sql: string): RowsStatement {
  try {
    return connection.prepare<[], RawValue[]>(sql)
  } catch (error) {
    if (error instanceof RangeError && error.message.endsWith('more than one statement')) {
      throw refusal('There is more than one statement here. Select the one to run.')
    }
    if (error instanceof RangeError && error.message.endsWith('contains no statements')) {
      throw refusal('There is no statement to run, only a comment. Write one, for example SELECT 1.')
    }
    throw error
  }
}

/** Runs a statement that returns no rows; its result has no columns. */
async function change(execution: Execution, statement: RowsStatement): Promise<Executed> {
  const { resultPath, signal, feed, onProgress } = execution
  const writer = writeResult(resultPath, [])
  try {
    feed.columns([])
    onProgress(progressOf([], writer))
    const { changes } = await retryWhileLocked(() => statement.run(), signal)
    writer.end()
    return { progress: { columns: [], rows: 0, bytes: writer.bytes, changes }, stoppedEarly: false }
  } finally {
    writer.close()
  }
}

async function changeWithRows(execution: Execution, statement: RowsStatement): Promise<Executed> {
  const { connection, signal } = execution
  await retryWhileLocked(() => connection.exec('BEGIN'), signal)
  const executed = await readRows(execution, statement)
  if (executed.stoppedEarly) return executed
  const changes = Number(connection.prepare('SELECT changes()').pluck().get())
  await retryWhileLocked(() => connection.exec('COMMIT'), signal)
  return { ...executed, progress: { ...executed.progress, changes } }
}

/** Runs a statement that returns rows; those before an error or a cancel are kept. */
async function readRows(execution: Execution, statement: RowsStatement): Promise<Executed> {
  const columns: ColumnInfo[] = statement.columns().map(({ name, type }) => ({ name, declaredType: type }))
  const writer = writeResult(execution.resultPath, columns)
  try {
    execution.feed.columns(columns)
    const stoppedEarly = await pumpRows(execution, statement, columns, writer)
    if (!stoppedEarly) writer.end()
    return { progress: progressOf(columns, writer), stoppedEarly }
  } finally {
    writer.close()
  }
}

function progressOf(columns: ColumnInfo[], writer: ResultWriter): QueryProgress {
  return { columns, rows: writer.rows, bytes: writer.bytes, changes: null }
}

/**
 * Moves rows from the statement into the result and the feed, in slices between which the loop turns.
 * @returns whether it was stopped between two rows.
 */
async function pumpRows(
  { feed, signal, onProgress }: Execution,
  statement: RowsStatement,
  columns: ColumnInfo[],
  writer: ResultWriter,
): Promise<boolean> {
  const builder = buildChunks(columns.length)
  statement.raw().safeIntegers()
  const start = performance.now()
  let lastChunk = start
  let lastProgress = start
  onProgress(progressOf(columns, writer))

  function flush(): Promise<void> | undefined {
    lastChunk = performance.now()
    const { rows } = builder
    if (rows === 0) return undefined
    const firstRow = writer.rows
    const chunk = builder.finish()
    writer.write(chunk, rows)
    return feed.push(chunk, firstRow, rows, signal)
  }

  // The first step takes the lock; what it throws ends the iterator, so that another try needs another one.
  const first = await retryWhileLocked(() => {
    const iterator = statement.iterate()
    return { rows: iterator, record: iterator.next() }
  }, signal)
  const { rows } = first
  let { record } = first
  let sliceStart = performance.now()
  try {
    while (record.done !== true) {
      builder.append(record.value)
      const now = performance.now()
      const rowsBefore = writer.rows
      if (builder.full || isChunkDue(writer.rows, builder.rows, now - lastChunk)) {
        const room = flush()
        if (room) {
          onProgress(progressOf(columns, writer))
          await room
        }
      }
      // The first rows leave at once and not with the slice's end: sending waits for the loop to turn.
      if (now - sliceStart >= SLICE_MS || (rowsBefore === 0 && writer.rows > 0)) {
        if (now - lastProgress >= PROGRESS_INTERVAL_MS) {
          lastProgress = now
          onProgress(progressOf(columns, writer))
        }
        await nextTurn()
        sliceStart = performance.now()
      }
      if (signal.aborted) break
      record = rows.next()
    }
  } catch (error) {
    if (isEngineError(error)) await flush()
    throw error
  } finally {
    rows.return?.()
  }
  await flush()
  return record.done !== true
}

/** Whether the rows at hand should be seen now although there are fewer than a chunk can have. */
function isChunkDue(rowsWritten: number, rowsAtHand: number, sinceLastMs: number): boolean {
  if (rowsWritten > 0) return sinceLastMs >= CHUNK_PATIENCE_MS
  return rowsAtHand >= FIRST_CHUNK_ROWS || sinceLastMs >= FIRST_CHUNK_MS
}
