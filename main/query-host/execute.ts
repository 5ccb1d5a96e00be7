import type { ColumnInfo, QueryBudget, QueryProgress } from '#contract/run.ts'
import { splitStatements } from '#contract/sql/split-statements.ts'
import type { SqlParams } from '#contract/sql-value.ts'
import type { Commits } from '#contract/statement.ts'
import { acceleratorOf, type Accelerator } from './accelerator/load.ts'
import { boundValues, type BoundValues } from './bind-params.ts'
import {
  databaseFailure,
  isEngineError,
  isInterrupt,
  refusal,
  vacuumRefusal,
  type Connection,
} from './database-failure.ts'
import { errorPosition } from './error-position.ts'
import { interruptible } from './interruptible.ts'
import { moreThanOne } from './one-statement.ts'
import { mayBePacked, openRows } from './open-rows.ts'
import { FIRST_CHUNK_MS, firstChunkRows, pumpRows, SLICE_MS, type RowsEnd } from './pump-rows.ts'
import { writeResult, type ResultWriter } from './result-writer.ts'
import { retryWhileLocked } from './retry-while-locked.ts'
import { rollBack } from './roll-back.ts'
import type { RowsFeed } from './rows-feed.ts'
import type { PreparedStatement, StatementCache } from './statement-cache.ts'
import { isPragma, statementKeyword } from './statement-keyword.ts'
import { wholeChange } from './whole-change.ts'

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

/**
 * Runs one statement and writes its rows to a result.
 * @throws RequestFailed `database` with the engine's code and, where it is known, the position in the text; `disk-full`.
 */
export async function execute(execution: Execution): Promise<Executed> {
  const { connection, statements, sql, params, commits, stopToken, signal } = execution
  refuseWhatCannotBeRun(connection, sql, commits)
  const accelerator = acceleratorOf(connection)
  const undo = { needed: commits === undefined }
  try {
    signal.throwIfAborted()
    const statement = await retryWhileLocked(() => prepare(statements, connection, sql), signal)
    const values = boundValues(sql, params)
    const packer = mayBePacked(statement, sql) ? accelerator : undefined
    if (commits === 'manual' && beginsTransaction(connection, statement, sql)) {
      connection.exec('BEGIN')
      undo.needed = true
    }
    const when = packer ? 'while-packing' : 'always'
    const executed = await interruptible(connection, stopToken, when, () => {
      if (!statement.reader) return change(execution, statement, values)
      const read = (): Promise<Executed> => readRows(execution, statement, values, packer)
      return statement.readonly || isPragma(sql) ? read() : changeWithRows(connection, signal, read)
    })
    undo.needed &&= commits === undefined || executed.stoppedEarly
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
    if (undo.needed) rollBack(connection)
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
        throw vacuumRefusal(connection)
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

/** Runs a statement that returns no rows; its result has no columns. */
async function change(
  execution: Execution,
  statement: PreparedStatement,
  { forDriver }: BoundValues,
): Promise<Executed> {
  const { resultPath, signal, feed, onProgress } = execution
  const writer = writeResult(resultPath, [])
  try {
    feed.columns([])
    onProgress(progressOf([], writer))
    const { changes } = await retryWhileLocked(() => statement.run(...forDriver), signal)
    writer.end()
    return { progress: { columns: [], rows: 0, bytes: writer.bytes, changes }, stoppedEarly: false }
  } finally {
    writer.close()
  }
}

async function changeWithRows(
  connection: Connection,
  signal: AbortSignal,
  run: () => Promise<Executed>,
): Promise<Executed> {
  const isWhole = ({ stoppedEarly }: Executed): boolean => !stoppedEarly
  const { ended, changes } = await wholeChange({ connection, signal, run, isWhole })
  return isWhole(ended) ? { ...ended, progress: { ...ended.progress, changes } } : ended
}

/** Runs a statement that returns rows; those before an error or a cancel are kept. */
async function readRows(
  { sql, resultPath, budget, feed, signal, onProgress }: Execution,
  statement: PreparedStatement,
  values: BoundValues,
  packer: Accelerator | undefined,
): Promise<Executed> {
  const columns: ColumnInfo[] = statement.columns().map(({ name, type }) => ({ name, declaredType: type }))
  const writer = writeResult(resultPath, columns)
  const tell = (): void => onProgress(progressOf(columns, writer))
  try {
    feed.columns(columns)
    tell()
    const first = [firstChunkRows(budget), SLICE_MS, FIRST_CHUNK_MS] as const
    const { rows, answer } = await openRows({ accelerator: packer, sql, statement, values, first, signal })
    let end: RowsEnd
    try {
      end = await pumpRows({ rows, answer, budget, feed, writer, tell, signal })
    } finally {
      rows.close()
    }
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
