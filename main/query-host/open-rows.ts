import type { Accelerator } from './accelerator/load.ts'
import type { BoundValues } from './bind-params.ts'
import { packInJavaScript, type PackedAnswer, type PackedRows } from './packed-rows.ts'
import { retryWhileLocked } from './retry-while-locked.ts'
import type { PreparedStatement } from './statement-cache.ts'
import { isPragma } from './statement-keyword.ts'

export interface RowsWanted {
  /** Packs the rows where it is given; else JavaScript does. */
  readonly accelerator: Accelerator | undefined
  readonly sql: string
  /** Of that text. */
  readonly statement: PreparedStatement
  readonly values: BoundValues
  /** The first call of `next`. */
  readonly first: readonly [rows: number, sliceMs: number, ageMs: number]
  /** Stops the waiting for a lock. */
  readonly signal: AbortSignal
}

/**
 * Starts a statement that returns rows, and steps it for the first time.
 * @throws SqliteError of the engine, or the signal's reason; nothing is open then.
 */
export function openRows(wanted: RowsWanted): Promise<{ rows: PackedRows; answer: PackedAnswer }> {
  const { accelerator, sql, statement, values, first, signal } = wanted
  // The first step takes the lock; what it throws ends the statement, so that another try needs another one.
  return retryWhileLocked(() => {
    const { length } = statement.columns()
    const rows = accelerator
      ? accelerator.open(sql, length, values.inOrder)
      : packInJavaScript(statement, length, values.forDriver)
    try {
      return { rows, answer: rows.next(...first) }
    } catch (error) {
      rows.close()
      throw error
    }
  }, signal)
}

/** Whether the extension may step a statement: it does so from within another one, which some PRAGMAs do not allow. */
export function mayBePacked(statement: PreparedStatement, sql: string): boolean {
  return statement.reader && !isPragma(sql)
}
