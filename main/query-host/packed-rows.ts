import { setImmediate as nextTurn } from 'node:timers/promises'
import { MAX_CHUNK_ROWS } from '#contract/chunk/format.ts'
import { readChunk } from '#contract/chunk/read.ts'
import type { ColumnInfo } from '#contract/run.ts'
import type { StatementRows } from '#contract/statement.ts'
import type { Accelerator, PackedRows } from './accelerator/load.ts'
import type { PackableValues } from './accelerator/packable-values.ts'
import { retryWhileLocked } from './retry-while-locked.ts'

/** How long rows are read before the loop turns and a cancel can be heard. */
const SLICE_MS = 8
/** The rows of a slow statement are handed on at least this often. */
const ROWS_PATIENCE_MS = 250
const MANY_ROWS = [MAX_CHUNK_ROWS, SLICE_MS, ROWS_PATIENCE_MS] as const

export interface PackedReading {
  readonly accelerator: Accelerator
  /** A statement that only reads. */
  readonly sql: string
  readonly parameters: PackableValues
  readonly columns: readonly ColumnInfo[]
  /** Aborting stops between two rows. */
  readonly signal: AbortSignal
  /** Takes rows; waits until there is room for them. */
  readonly emit: (rows: StatementRows) => Promise<void>
}

/**
 * Opens a statement and steps it to its first rows, again for 5 s while the database is locked.
 * @throws SqliteError as better-sqlite3 does; the signal's reason.
 */
export function startPacked(
  open: () => PackedRows,
  firstRows: Readonly<Parameters<PackedRows['next']>>,
  signal: AbortSignal,
): Promise<{ readonly statement: PackedRows; readonly first: ReturnType<PackedRows['next']> }> {
  // The first step takes the lock; what it throws ends the statement, so that another try needs another one.
  return retryWhileLocked(() => {
    const statement = open()
    try {
      return { statement, first: statement.next(...firstRows) }
    } catch (error) {
      statement.close()
      throw error
    }
  }, signal)
}

/**
 * Hands out all rows of a statement, packed by the extension: for the many rows of which nobody waits for the first.
 * @throws SqliteError as better-sqlite3 does, after the rows before the error; the signal's reason.
 */
export async function readPackedRows(reading: PackedReading): Promise<void> {
  const { accelerator, sql, parameters, columns, signal, emit } = reading
  const open = (): PackedRows => accelerator.open(sql, columns.length, parameters)
  const { statement, first } = await startPacked(open, MANY_ROWS, signal)
  let sent = false
  try {
    for (let answer = first; answer !== null;) {
      if (typeof answer === 'number') await nextTurn()
      else {
        const { rowCount } = readChunk(answer)
        await emit({ columns: sent ? null : [...columns], chunk: answer, rows: rowCount })
        sent = true
      }
      signal.throwIfAborted()
      answer = statement.next(...MANY_ROWS)
    }
  } finally {
    statement.close()
  }
}
