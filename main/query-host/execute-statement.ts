import { setImmediate as nextTurn } from 'node:timers/promises'
import type Database from 'better-sqlite3'
import { buildChunks, type RawValue } from '#contract/chunk/encode.ts'
import type { ColumnInfo } from '#contract/run.ts'
import type { SqlParams } from '#contract/sql-value.ts'
import type { StatementEnd, StatementRows } from '#contract/statement.ts'
import { acceleratorOf } from './accelerator/load.ts'
import { packableValues } from './accelerator/packable-values.ts'
import { bindable } from './bind-params.ts'
import { databaseFailure, isEngineError, refusal, type Connection } from './database-failure.ts'
import { errorPosition } from './error-position.ts'
import { readPackedRows } from './packed-rows.ts'
import { retryWhileLocked } from './retry-while-locked.ts'
import { statementKeyword } from './statement-keyword.ts'

/** How long rows are read before the loop turns and a cancel can be heard. */
const SLICE_MS = 8
/** The first rows of a slow statement are sent after so long, */
const FIRST_ROWS_MS = 10
/** and the next ones at least this often. */
const ROWS_PATIENCE_MS = 250

type RowsStatement = Database.Statement<unknown[], RawValue[]>

export interface StatementExecution {
  readonly connection: Connection
  readonly sql: string
  readonly params: SqlParams | undefined
  /**
   * Many rows are wanted, and none of them soon: they are packed in C where that can be done. The end then carries none.
   * Preparing twice and asking for the end once more would only cost a small statement its time.
   */
  readonly inBulk?: boolean
  /** Aborting stops between two rows. */
  readonly signal: AbortSignal
  /** Sends rows; waits until the reader has room for them. */
  readonly emit: (rows: StatementRows) => Promise<void>
}

/**
 * Runs one statement of many on a connection that is its owner's alone: unlike a run of its own it may begin and end
 * transactions, attach databases and change the connection.
 * @throws RequestFailed `database` with the engine's code and, where it is known, the position in the text.
 */
export async function executeStatement(execution: StatementExecution): Promise<StatementEnd> {
  const { connection, sql, params, signal } = execution
  const start = performance.now()
  // SQLite itself would let VACUUM INTO make a new file from a read-only connection.
  if (connection.readonly && statementKeyword(sql) === 'VACUUM') {
    throw refusal(`${connection.name} is open read-only, and VACUUM writes. Open it read-write to run it.`)
  }
  try {
    const statement = await retryWhileLocked(() => connection.prepare<unknown[], RawValue[]>(sql), signal)
    const values = bindable(sql, params, { otherNames: 'ignored' })
    const ended = statement.reader
      ? ((await readInBulk(execution, statement, values)) ?? (await readRows(execution, statement, values)))
      : { columns: null, last: null, changes: await change(statement, values, signal) }
    return { ...ended, inTransaction: connection.inTransaction, ms: performance.now() - start }
  } catch (error) {
    if (isEngineError(error)) {
      throw databaseFailure(error, connection.name, errorPosition(connection, sql, error.message))
    }
    // What better-sqlite3 itself says about the text or its parameters.
    if (error instanceof RangeError || error instanceof TypeError) throw refusal(`${error.message}.`)
    throw error
  }
}

async function change(statement: RowsStatement, values: unknown[], signal: AbortSignal): Promise<number> {
  const { changes } = await retryWhileLocked(() => statement.run(...values), signal)
  return changes
}

/** Sends all rows packed in C. @returns undefined when that is not wanted or cannot be. */
async function readInBulk(
  { connection, sql, inBulk, signal, emit }: StatementExecution,
  statement: RowsStatement,
  values: unknown[],
): Promise<Pick<StatementEnd, 'columns' | 'last' | 'changes'> | undefined> {
  const accelerator = inBulk === true ? acceleratorOf(connection) : undefined
  const parameters = packableValues(values)
  // A PRAGMA may change what cannot be changed while another statement, which would step it, is active.
  const steppable = statement.readonly && statementKeyword(sql) !== 'PRAGMA'
  if (!accelerator || !parameters || !steppable) return undefined
  const columns: ColumnInfo[] = statement.columns().map(({ name, type }) => ({ name, declaredType: type }))
  await readPackedRows({ accelerator, sql, parameters, columns, signal, emit })
  return { columns, last: null, changes: null }
}

/** Sends all rows but the last ones, which the end of the statement carries. */
async function readRows(
  { connection, signal, emit }: StatementExecution,
  statement: RowsStatement,
  values: unknown[],
): Promise<Pick<StatementEnd, 'columns' | 'last' | 'changes'>> {
  statement.raw().safeIntegers()
  // The first step takes the lock; what it throws ends the iterator, so that another try needs another one.
  const first = await retryWhileLocked(() => {
    const iterator = statement.iterate(...values)
    return { rows: iterator, record: iterator.next() }
  }, signal)
  const { rows } = first
  let { record } = first
  // Only after the first step: a changed schema is noticed by that.
  const columns: ColumnInfo[] = statement.columns().map(({ name, type }) => ({ name, declaredType: type }))
  const builder = buildChunks(columns.length)
  const progress = { sent: false }

  function take(): StatementRows {
    const { rows: count } = builder
    const taken = { columns: progress.sent ? null : columns, chunk: builder.finish(), rows: count }
    progress.sent = true
    return taken
  }

  let sliceStart = performance.now()
  let lastSent = sliceStart
  try {
    while (record.done !== true) {
      builder.append(record.value)
      const now = performance.now()
      if (builder.full || now - lastSent >= (progress.sent ? ROWS_PATIENCE_MS : FIRST_ROWS_MS)) {
        await emit(take())
        lastSent = performance.now()
        sliceStart = lastSent
      } else if (now - sliceStart >= SLICE_MS) {
        await nextTurn()
        sliceStart = performance.now()
      }
      signal.throwIfAborted()
      record = rows.next()
    }
  } finally {
    rows.return?.()
  }
  const changes = statement.readonly ? null : Number(connection.prepare('SELECT changes()').pluck().get())
  return { columns, last: builder.rows > 0 ? take() : null, changes }
}
