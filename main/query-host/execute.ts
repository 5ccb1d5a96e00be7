import { setImmediate as nextTurn } from 'node:timers/promises'
import { buildChunks } from '#contract/chunk/encode.ts'
import { MAX_CHUNK_ROWS } from '#contract/chunk/format.ts'
import { readChunk } from '#contract/chunk/read.ts'
import type { ColumnInfo, QueryBudget, QueryProgress } from '#contract/run.ts'
import { splitStatements } from '#contract/sql/split-statements.ts'
import type { SqlParams } from '#contract/sql-value.ts'
import type { Commits } from '#contract/statement.ts'
import { acceleratorOf, type Accelerator, type PackedRows } from './accelerator/load.ts'
import { packableValues, type PackableValues } from './accelerator/packable-values.ts'
import { bindable } from './bind-params.ts'
import { databaseFailure, isEngineError, isInterrupt, refusal, type Connection } from './database-failure.ts'
import { errorPosition } from './error-position.ts'
import { moreThanOne } from './one-statement.ts'
import { startPacked } from './packed-rows.ts'
import { writeResult, type ResultWriter } from './result-writer.ts'
import { retryWhileLocked } from './retry-while-locked.ts'
import type { RowsFeed } from './rows-feed.ts'
import type { PreparedStatement, StatementCache } from './statement-cache.ts'
import { statementKeyword } from './statement-keyword.ts'

/** The first rows are sent when there are so many, a tall window full, */
const FIRST_CHUNK_ROWS = 200
/** or when so much time has passed since the first of them. */
const FIRST_CHUNK_MS = 10
/** How long rows are read before the loop turns and a cancel can be heard. */
const SLICE_MS = 8
const FIRST_ROWS = [FIRST_CHUNK_ROWS, SLICE_MS, FIRST_CHUNK_MS] as const
/** A slow statement's rows reach the file, and a reader of it, at least this often. */
const CHUNK_PATIENCE_MS = 250
/** Progress is shown ten times a second: more is not read. */
const PROGRESS_INTERVAL_MS = 100

export interface Execution {
  readonly connection: Connection
  readonly statements: StatementCache
  readonly sql: string
  readonly params: SqlParams | undefined
  /** Rows that there may be, and bytes, which the last chunk may exceed. */
  readonly budget: Pick<QueryBudget, 'rows' | 'bytes'> | undefined
  /** The connection is a session's own, which keeps what the statement makes of it; undefined for one that is shared. */
  readonly commits?: Commits | undefined
  readonly resultPath: string
  /** Names this execution for an interrupt; without the extension, or without one, there is none. */
  readonly stopToken?: string | undefined
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
  /** It was stopped inside the statement. */
  readonly interrupted?: boolean
  /** The part of its budget that was used up while there was more. */
  readonly limitedBy?: 'rows' | 'bytes'
}

/** What packs rows, and the values of the statement's parameters for it. */
interface Packing {
  readonly accelerator: Accelerator
  readonly parameters: PackableValues
}

/** How rows ceased to come. */
type RowsEnd = 'all' | 'between-rows' | 'interrupted' | 'rows-used-up' | 'bytes-used-up'

/**
 * Runs one statement and writes its rows to a result.
 * @throws RequestFailed `database` with the engine's code and, where it is known, the position in the text; `disk-full`.
 */
export async function execute(execution: Execution): Promise<Executed> {
  const { connection, statements, sql, params, budget, commits, signal } = execution
  refuseWhatCannotBeRun(connection, sql, commits)
  const accelerator = acceleratorOf(connection)
  const undo = { needed: false }
  try {
    signal.throwIfAborted()
    const statement = await retryWhileLocked(() => prepare(statements, connection, sql), signal)
    const values = bindable(sql, params)
    // A PRAGMA may change what cannot be changed while another statement, which would step it, is active.
    const steppable = statement.reader && statement.readonly && !isPragma(sql)
    // The extension knows of no budgets.
    const unlimited = budget?.rows === undefined && budget?.bytes === undefined
    const parameters = packableValues(values)
    const packing =
      accelerator && steppable && parameters && unlimited ? { accelerator, parameters } : undefined
    undo.needed = commits === 'manual' && beginsTransaction(connection, statement, sql)
    if (undo.needed) connection.exec('BEGIN')
    const executed = await watched(execution, accelerator, !packing, () => {
      if (!statement.reader) return change(execution, statement, values)
      // What writes and answers with rows has written before its first row: only a transaction lets a cancel undo it.
      if (!statement.readonly && !isPragma(sql)) return changeWithRows(execution, statement, values)
      return readRows(execution, statement, values, packing)
    })
    undo.needed &&= executed.stoppedEarly
    return executed
  } catch (error) {
    if (signal.aborted && error === signal.reason) return stoppedAtOnce(false)
    if (isInterrupt(error)) return stoppedAtOnce(true)
    if (isEngineError(error)) {
      const position = accelerator?.errorPosition(sql) ?? errorPosition(connection, sql, error.message)
      throw databaseFailure(error, connection.name, position)
    }
    throw error
  } finally {
    if (connection.inTransaction && (commits === undefined || undo.needed)) connection.exec('ROLLBACK')
  }
}

/**
 * Whether a statement begins the transaction that the person ends. One that only reads does not: its lock would keep other
 * programs from writing for as long as the person thinks.
 */
function beginsTransaction(connection: Connection, statement: PreparedStatement, sql: string): boolean {
  return !connection.inTransaction && !statement.readonly && !OUTSIDE_TRANSACTIONS.has(statementKeyword(sql))
}

/** They begin or end transactions themselves, or cannot run inside one. */
const OUTSIDE_TRANSACTIONS: ReadonlySet<string> = new Set([
  'BEGIN',
  'COMMIT',
  'END',
  'ROLLBACK',
  'SAVEPOINT',
  'RELEASE',
  'ATTACH',
  'DETACH',
  'PRAGMA',
  'VACUUM',
])

function stoppedAtOnce(interrupted: boolean): Executed {
  return { progress: { columns: null, rows: 0, bytes: 0, changes: null }, stoppedEarly: true, interrupted }
}

/**
 * Lets the execution be interrupted while it runs.
 * @param inside at any moment, and not only while the extension steps it.
 */
async function watched(
  { stopToken }: Execution,
  accelerator: Accelerator | undefined,
  inside: boolean,
  run: () => Promise<Executed>,
): Promise<Executed> {
  if (!accelerator || stopToken === undefined) return run()
  try {
    return accelerator.watch(stopToken, inside) ? stoppedAtOnce(true) : await run()
  } finally {
    accelerator.unwatch()
  }
}

/** Whether a statement is a PRAGMA, which may change the connection for whoever uses it next. */
export function isPragma(sql: string): boolean {
  return statementKeyword(sql) === 'PRAGMA'
}

/** Statements that would reach past their own run, where the connection is shared, or past read-only mode. */
function refuseWhatCannotBeRun(connection: Connection, sql: string, commits: Commits | undefined): void {
  const isOwn = commits !== undefined
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
      if (isOwn) return
      throw refusal(
        'A transaction cannot be kept open from one run to the next, because this tab shares its connections. Give the tab a connection of its own.',
      )
    case 'ATTACH':
    case 'DETACH':
      if (isOwn) return
      throw refusal(
        'Another database cannot be attached here, because this tab shares its connections. Give the tab a connection of its own, or open the other database beside this one.',
      )
    case 'VACUUM':
      // SQLite itself would let VACUUM INTO make a new file from a read-only connection.
      if (connection.readonly || connection.memory) {
        throw refusal(
          `${connection.name} is open read-only, and VACUUM writes. Open it read-write to run it.`,
        )
      }
      return
    default:
      return
  }
}

function prepare(statements: StatementCache, connection: Connection, sql: string): PreparedStatement {
  try {
    return statements.prepare(connection, sql)
  } catch (error) {
    if (error instanceof RangeError && error.message.endsWith('more than one statement')) {
      const [, second] = splitStatements(sql)
      throw second
        ? moreThanOne(second)
        : refusal('There is more than one statement here. Select the one to run.')
    }
    if (error instanceof RangeError && error.message.endsWith('contains no statements')) {
      throw refusal('There is no statement to run, only a comment. Write one, for example SELECT 1.')
    }
    throw error
  }
}

/** Around a statement inside a transaction of the person's. */
const SAVEPOINT = 'offloop_statement'

/** Runs a statement that returns no rows; its result has no columns. */
async function change(
  execution: Execution,
  statement: PreparedStatement,
  values: unknown[],
): Promise<Executed> {
  const { resultPath, signal, feed, onProgress } = execution
  const writer = writeResult(resultPath, [])
  try {
    feed.columns([])
    onProgress(progressOf([], writer))
    const { changes } = await retryWhileLocked(() => statement.run(...values), signal)
    writer.end()
    return { progress: { columns: [], rows: 0, bytes: writer.bytes, changes }, stoppedEarly: false }
  } finally {
    writer.close()
  }
}

async function changeWithRows(
  execution: Execution,
  statement: PreparedStatement,
  values: unknown[],
): Promise<Executed> {
  const { connection, signal } = execution
  // Inside a transaction of the person's, only the statement itself is undone.
  const [begin, commit, rollback] = connection.inTransaction
    ? [`SAVEPOINT ${SAVEPOINT}`, `RELEASE ${SAVEPOINT}`, `ROLLBACK TO ${SAVEPOINT}; RELEASE ${SAVEPOINT}`]
    : ['BEGIN', 'COMMIT', 'ROLLBACK']
  await retryWhileLocked(() => connection.exec(begin), signal)
  let whole = false
  try {
    const executed = await readRows(execution, statement, values)
    if (executed.stoppedEarly) return executed
    const changes = Number(connection.prepare('SELECT changes()').pluck().get())
    await retryWhileLocked(() => connection.exec(commit), signal)
    whole = true
    return { ...executed, progress: { ...executed.progress, changes } }
  } finally {
    // Some errors, and an interrupt, end the whole transaction by themselves.
    if (!whole && connection.inTransaction) connection.exec(rollback)
  }
}

/**
 * Runs a statement that returns rows; those before an error or a cancel are kept.
 * @param packing packs the rows, where the statement is one that may be stepped by it.
 */
async function readRows(
  execution: Execution,
  statement: PreparedStatement,
  values: unknown[],
  packing?: Packing,
): Promise<Executed> {
  const columns: ColumnInfo[] = statement.columns().map(({ name, type }) => ({ name, declaredType: type }))
  const writer = writeResult(execution.resultPath, columns)
  try {
    execution.feed.columns(columns)
    const end = packing
      ? await pumpChunks(execution, packing, columns, writer)
      : await pumpRows(execution, statement, values, columns, writer)
    const stoppedEarly = end === 'between-rows' || end === 'interrupted'
    if (!stoppedEarly) writer.end()
    return {
      progress: progressOf(columns, writer),
      stoppedEarly,
      interrupted: end === 'interrupted',
      ...(end === 'rows-used-up' ? { limitedBy: 'rows' as const } : {}),
      ...(end === 'bytes-used-up' ? { limitedBy: 'bytes' as const } : {}),
    }
  } finally {
    writer.close()
  }
}

function progressOf(columns: ColumnInfo[], writer: ResultWriter): QueryProgress {
  return { columns, rows: writer.rows, bytes: writer.bytes, changes: null }
}

/**
 * Moves chunks that the extension packs into the result and the feed, in slices between which the loop turns.
 */
async function pumpChunks(
  { sql, feed, signal, onProgress }: Execution,
  packing: Packing,
  columns: ColumnInfo[],
  writer: ResultWriter,
): Promise<RowsEnd> {
  onProgress(progressOf(columns, writer))
  const { accelerator, parameters } = packing
  const open = (): PackedRows => accelerator.open(sql, columns.length, parameters)
  const { statement, first } = await startPacked(open, FIRST_ROWS, signal)
  async function keep(chunk: Uint8Array<ArrayBuffer>): Promise<void> {
    const firstRow = writer.rows
    const { rowCount } = readChunk(chunk)
    writer.write(chunk, rowCount)
    const room = feed.push(chunk, firstRow, rowCount, signal)
    if (room === undefined) return
    onProgress(progressOf(columns, writer))
    await room
  }

  let answer = first
  let sliceStart = performance.now()
  let lastProgress = sliceStart
  try {
    while (answer !== null) {
      const rowsBefore = writer.rows
      if (typeof answer !== 'number') await keep(answer)
      const now = performance.now()
      // The first rows leave at once and not with the slice's end: sending waits for the loop to turn.
      if (now - sliceStart >= SLICE_MS || (rowsBefore === 0 && writer.rows > 0)) {
        if (now - lastProgress >= PROGRESS_INTERVAL_MS) {
          lastProgress = now
          onProgress(progressOf(columns, writer))
        }
        await nextTurn()
        sliceStart = performance.now()
      }
      if (signal.aborted) {
        const rest = statement.next(0, 0, 0)
        if (rest instanceof Uint8Array) await keep(rest)
        return 'between-rows'
      }
      answer =
        writer.rows === 0
          ? statement.next(...FIRST_ROWS)
          : statement.next(MAX_CHUNK_ROWS, SLICE_MS, CHUNK_PATIENCE_MS)
    }
    return 'all'
  } catch (error) {
    if (isInterrupt(error)) return 'interrupted'
    throw error
  } finally {
    statement.close()
  }
}

/** Moves rows from the statement into the result and the feed, in slices between which the loop turns. */
async function pumpRows(
  { budget, feed, signal, onProgress }: Execution,
  statement: PreparedStatement,
  values: unknown[],
  columns: ColumnInfo[],
  writer: ResultWriter,
): Promise<RowsEnd> {
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
    const iterator = statement.iterate(...values)
    return { rows: iterator, record: iterator.next() }
  }, signal)
  const { rows } = first
  let { record } = first
  let sliceStart = performance.now()
  try {
    while (record.done !== true) {
      const usedUp = limitOf(budget, writer.rows + builder.rows, writer.bytes)
      if (usedUp) {
        await flush()
        return usedUp
      }
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
    if (isInterrupt(error)) return 'interrupted'
    throw error
  } finally {
    rows.return?.()
  }
  await flush()
  return record.done === true ? 'all' : 'between-rows'
}

/** Which part of a budget is used up when one more row comes. */
function limitOf(
  budget: Execution['budget'],
  rows: number,
  bytes: number,
): 'rows-used-up' | 'bytes-used-up' | undefined {
  if (budget?.rows !== undefined && rows >= budget.rows) return 'rows-used-up'
  if (budget?.bytes !== undefined && bytes >= budget.bytes) return 'bytes-used-up'
  return undefined
}

/** Whether the rows at hand should be seen now although there are fewer than a chunk can have. */
function isChunkDue(rowsWritten: number, rowsAtHand: number, sinceLastMs: number): boolean {
  if (rowsWritten > 0) return sinceLastMs >= CHUNK_PATIENCE_MS
  return rowsAtHand >= FIRST_CHUNK_ROWS || sinceLastMs >= FIRST_CHUNK_MS
}
