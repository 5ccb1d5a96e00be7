import { setImmediate as nextTurn } from 'node:timers/promises'
import type { AppliedEdits, StagedEdits } from '#contract/edits.ts'
import { failed } from '#kit/request-failed.ts'
import { bindable } from '../bind-params.ts'
import {
  databaseFailure,
  isEngineError,
  isInterrupt,
  isLocked,
  type Connection,
} from '../database-failure.ts'
import { retryWhileLocked } from '../retry-while-locked.ts'
import { rollBack } from '../roll-back.ts'
import { conflictFailure, troubleWords, type Conflict } from './conflict.ts'
import { bound, quoted, sql, raw, type Fragment } from './fragment.ts'
import { planEdits } from './plan-edits.ts'
import type { PlannedEdit } from './planned-edit.ts'

/** How long rows are looked at or changed before the loop turns and a cancel can be heard. */
const SLICE_MS = 8

/**
 * Makes all edits in a transaction and leaves that open. Every row is looked at before the first is changed, so that a
 * person hears of all that are no longer as they were; each is looked at once more by its own statement.
 * @throws RequestFailed `conflict`, `invalid-params`, `not-found`, `database`, or the signal's reason, with nothing changed.
 */
export async function makeEdits(
  connection: Connection,
  staged: StagedEdits,
  signal: AbortSignal,
): Promise<AppliedEdits> {
  const breathe = breathing(signal)
  try {
    await retryWhileLocked(() => connection.exec('BEGIN IMMEDIATE'), signal)
    const { table, edits } = planEdits(connection, staged)
    await findConflicts(connection, staged.table, edits, breathe)
    const lastInsertRowids: (string | null)[] = []
    let changes = 0
    for (const [at, edit] of edits.entries()) {
      await breathe()
      const rowid = makeEdit(connection, edit, at)
      changes += 1
      if (edit.kind === 'insert') lastInsertRowids.push(table.withoutRowid ? null : String(rowid))
    }
    await breathe()
    return { changes, lastInsertRowids }
  } catch (error) {
    rollBack(connection)
    throw isEngineError(error) ? databaseFailure(error, connection.name) : error
  }
}

/**
 * Commits what `makeEdits` has left open.
 * @throws RequestFailed `database`, after it has rolled back.
 */
export async function commitEdits(connection: Connection): Promise<void> {
  try {
    await retryWhileLocked(() => connection.exec('COMMIT'))
  } catch (error) {
    rollBack(connection)
    if (!isEngineError(error)) throw error
    if (error.code.startsWith('SQLITE_CONSTRAINT')) {
      throw failed(
        'database',
        `The edits together break a rule that is checked at their end: ${error.message}. Nothing was changed.`,
        { engineCode: error.code },
      )
    }
    throw databaseFailure(error, connection.name)
  }
}

/** @throws RequestFailed `conflict` that names every row which is no longer as it was read. */
async function findConflicts(
  connection: Connection,
  table: string,
  edits: readonly PlannedEdit[],
  breathe: () => Promise<void>,
): Promise<void> {
  const conflicts: Conflict[] = []
  for (const [at, { name, isUnchanged, hasKey }] of edits.entries()) {
    await breathe()
    if (!isUnchanged || !hasKey) continue
    const matches = countUpToTwo(connection, table, isUnchanged)
    if (matches === 1) continue
    const trouble =
      matches > 1 ? 'ambiguous' : countUpToTwo(connection, table, hasKey) > 0 ? 'changed' : 'gone'
    conflicts.push({ edit: at, trouble, name })
  }
  if (conflicts.length > 0) throw conflictFailure(table, conflicts)
}

/** How many rows there are with a condition: none, one, or two for more than one. */
function countUpToTwo(connection: Connection, table: string, condition: Fragment): number {
  const question = bound(sql`${raw(`SELECT 1 FROM main.${quoted(table)} WHERE `)}${condition} LIMIT 2`)
  return connection.prepare(question.sql).all(...bindable(question.sql, question.params)).length
}

/** @returns the rowid that the connection inserted last. */
function makeEdit(connection: Connection, { name, statement }: PlannedEdit, at: number): bigint | number {
  const { sql: text, params } = bound(statement)
  const values = bindable(text, params)
  try {
    const { changes, lastInsertRowid } = connection
      .prepare(text)
      .safeIntegers()
      .run(...values)
    if (changes === 1) return lastInsertRowid
  } catch (error) {
    if (!isEngineError(error) || isLocked(error) || isInterrupt(error)) throw error
    const { message, details } = databaseFailure(error, connection.name).failure
    throw failed('database', `Nothing was changed, because ${name} was refused: ${message}`, {
      ...details,
      edits: [{ edit: at, trouble: 'refused' }],
    })
  }
  const trouble = 'changed-by-edits'
  throw failed(
    'conflict',
    `Nothing was changed, because ${name} could not be made: ${troubleWords(trouble)}. Apply the edits before it first, and read the rows again.`,
    { edits: [{ edit: at, trouble }] },
  )
}

function breathing(signal: AbortSignal): () => Promise<void> {
  let sliceStart = performance.now()
  return async () => {
    if (performance.now() - sliceStart >= SLICE_MS) {
      await nextTurn()
      sliceStart = performance.now()
    }
    signal.throwIfAborted()
  }
}
