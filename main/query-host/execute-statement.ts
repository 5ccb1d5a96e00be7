import { setImmediate as nextTurn } from 'node:timers/promises'
import { MAX_CHUNK_ROWS } from '#contract/chunk/format.ts'
import { readChunk } from '#contract/chunk/read.ts'
import type { ColumnInfo } from '#contract/run.ts'
import type { SqlParams } from '#contract/sql-value.ts'
import type { StatementEnd, StatementRows } from '#contract/statement.ts'
import { failed } from '#kit/request-failed.ts'
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
import { freeBytes } from './free-bytes.ts'
import { interruptible } from './interruptible.ts'
import { mayBePacked, openRows } from './open-rows.ts'
import type { PackedAnswer, PackedRows } from './packed-rows.ts'
import { retryWhileLocked } from './retry-while-locked.ts'
import type { PreparedStatement } from './statement-cache.ts'
import { isPragma, statementKeyword } from './statement-keyword.ts'
import { wholeChange } from './whole-change.ts'

/** How long rows are read before the loop turns and a cancel can be heard. */
const SLICE_MS = 8
/** The first rows of a slow statement are sent after so long, */
const FIRST_ROWS_MS = 10
/** and the next ones at least this often. */
const ROWS_PATIENCE_MS = 250

export interface StatementExecution {
  readonly connection: Connection
  readonly sql: string
  readonly params: SqlParams | undefined
  /** Names this execution for an interrupt; without the extension, or without one, there is none. */
  readonly stopToken?: string | undefined
  /** Aborting stops between two rows. */
  readonly signal: AbortSignal
  /** Sends rows; waits until the reader has room for them. Their bytes are freed when it is done. */
  readonly emit: (rows: StatementRows) => Promise<void>
}

/** What came of a statement beside its rows. */
type Ended = Pick<StatementEnd, 'columns' | 'last' | 'changes'>

/**
 * Runs one statement of many on a connection that is its owner's alone: unlike a run of its own it may begin and end
 * transactions, attach databases and change the connection.
 * @throws RequestFailed `database` with the engine's code and, where it is known, the position in the text; `cancelled`
 * after an interrupt, which says what became of an open transaction.
 */
export async function executeStatement(execution: StatementExecution): Promise<StatementEnd> {
  const { connection, sql, params, stopToken, signal } = execution
  const start = performance.now()
  // SQLite itself would let VACUUM INTO make a new file from a read-only connection.
  if (connection.readonly && statementKeyword(sql) === 'VACUUM') {
    throw vacuumRefusal(connection)
  }
  const accelerator = acceleratorOf(connection)
  const wasInTransaction = connection.inTransaction
  try {
    const statement = await retryWhileLocked((): PreparedStatement => connection.prepare(sql), signal)
    const values = boundValues(sql, params, { otherNames: 'ignored' })
    const packer = mayBePacked(statement, sql) ? accelerator : undefined
    const ended = await interruptible(connection, stopToken, packer ? 'while-packing' : 'always', () => {
      if (!statement.reader) return change(statement, values, signal)
      const read = (): Promise<Ended> => readRows(execution, statement, values, packer)
      return statement.readonly || isPragma(sql) ? read() : changeWithRows(connection, signal, read)
    })
    return { ...ended, inTransaction: connection.inTransaction, ms: performance.now() - start }
  } catch (error) {
    throw explained(error, execution, accelerator, wasInTransaction)
  }
}

async function change(
  statement: PreparedStatement,
  { forDriver }: BoundValues,
  signal: AbortSignal,
): Promise<Ended> {
  const { changes } = await retryWhileLocked(() => statement.run(...forDriver), signal)
  return { columns: null, last: null, changes }
}

async function changeWithRows(
  connection: Connection,
  signal: AbortSignal,
  run: () => Promise<Ended>,
): Promise<Ended> {
  const { ended, changes } = await wholeChange({ connection, signal, run, isWhole: () => true })
  return { ...ended, changes }
}

/** Sends all rows but the last ones, which the end of the statement carries. */
async function readRows(
  { connection, sql, signal, emit }: StatementExecution,
  statement: PreparedStatement,
  values: BoundValues,
  packer: Accelerator | undefined,
): Promise<Ended> {
  const first = [MAX_CHUNK_ROWS, SLICE_MS, FIRST_ROWS_MS] as const
  const { rows, answer } = await openRows({ accelerator: packer, sql, statement, values, first, signal })
  try {
    // Only after the first step, and asked anew: a changed schema is noticed by that.
    const present = packer ? connection.prepare(sql).columns() : statement.columns()
    const columns: ColumnInfo[] = present.map(({ name, type }) => ({ name, declaredType: type }))
    return { columns, last: await sendRows(rows, answer, columns, signal, emit), changes: null }
  } finally {
    rows.close()
  }
}

/** @returns the last rows, which are not sent; null when there are none. */
async function sendRows(
  rows: PackedRows,
  first: PackedAnswer,
  columns: ColumnInfo[],
  signal: AbortSignal,
  emit: StatementExecution['emit'],
): Promise<StatementRows | null> {
  let sent = false
  let sliceStart = performance.now()
  for (let answer = first; answer !== null;) {
    if (answer instanceof Uint8Array) {
      const part = { columns: sent ? null : columns, chunk: answer, rows: readChunk(answer).rowCount }
      if (hasEnded(rows)) return part
      await emit(part)
      freeBytes(answer)
      sent = true
    }
    if (performance.now() - sliceStart >= SLICE_MS) {
      await nextTurn()
      sliceStart = performance.now()
    }
    signal.throwIfAborted()
    answer = rows.next(MAX_CHUNK_ROWS, SLICE_MS, sent ? ROWS_PATIENCE_MS : FIRST_ROWS_MS)
  }
  return null
}

/** Whether the rows that were just handed out are the last ones. */
function hasEnded(rows: PackedRows): boolean {
  try {
    return rows.next(0, 0, 0) === null
  } catch {
    // The rows before the error are sent; the next step throws it again.
    return false
  }
}

/** What went wrong, for a person. */
function explained(
  error: unknown,
  { connection, sql }: StatementExecution,
  accelerator: Accelerator | undefined,
  wasInTransaction: boolean,
): unknown {
  if (isInterrupt(error)) {
    const undone =
      wasInTransaction && !connection.inTransaction
        ? 'SQLite has rolled back the transaction that was open, with everything in it: begin it anew.'
        : 'What it had changed was undone.'
    return failed('cancelled', `The statement was stopped. ${undone}`, { engineCode: error.code })
  }
  if (isEngineError(error)) {
    const position = accelerator?.errorPosition(sql) ?? errorPosition(connection, sql, error.message)
    return databaseFailure(error, connection.name, position)
  }
  // What better-sqlite3 itself says about the text or its parameters.
  return error instanceof RangeError || error instanceof TypeError ? refusal(`${error.message}.`) : error
}
