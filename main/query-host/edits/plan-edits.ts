import type { Edit, EditPlan, EditValue, EditValues, StagedEdits } from '#contract/edits.ts'
import { isEngineError, type Connection } from '../database-failure.ts'
import { checkEdits, columnOf, misfit, shown } from './check-edits.ts'
import { readEditedTable, type EditedTable } from './edited-table.ts'
import { bound, literal, quoted, written } from './fragment.ts'
import { describePlan, plannedEdit, type PlannedEdit, type StoredValue } from './planned-edit.ts'
import { rowCondition } from './row-condition.ts'
import { openStorage, type Storage } from './stored-value.ts'

export interface PlannedEdits {
  readonly table: EditedTable
  readonly edits: readonly PlannedEdit[]
}

/**
 * Checks edits against their table, and makes the statement of each. Reads no rows.
 * @throws RequestFailed `not-found` without the table, `invalid-params` that names an edit which does not fit it.
 */
export function planEdits(connection: Connection, { table: name, edits }: StagedEdits): PlannedEdits {
  const table = readEditedTable(connection, name)
  const names = checkEdits(table, edits)
  refuseNaN(edits, names)
  const storage = openStorage(connection, table.strict)
  try {
    return {
      table,
      edits: edits.map((edit, at) => {
        const called = names[at] ?? ''
        return plannedEdit(edit, called, {
          target: `main.${quoted(table.name)}`,
          // A clause of the table that lets another row go, or leaves the edit out, would do so unseen.
          verb: table.resolvesConflicts ? ' OR ABORT' : '',
          columns: table.columns,
          rowCondition,
          stored: (column, value) => storedAs(table, storage, column, value, at, called),
        })
      }),
    }
  } finally {
    storage.close()
  }
}

/** The plan as it is shown. @throws RequestFailed `invalid-params`, as `planEdits` and when its text is too long. */
export function showPlan(connection: Connection, staged: StagedEdits): EditPlan {
  const { edits } = planEdits(connection, staged)
  return describePlan(edits, { begin: 'BEGIN IMMEDIATE', bound, written })
}

/** SQLite makes NULL of it without a word. */
function refuseNaN(edits: readonly Edit[], names: readonly string[]): void {
  for (const [at, edit] of edits.entries()) {
    for (const values of valuesOf(edit)) {
      for (const [column, value] of Object.entries(values)) {
        if (typeof value !== 'object' || value === null || !('real' in value) || value.real !== 'NaN')
          continue
        const name = names[at] ?? ''
        throw misfit(at, `In ${name}, the value for ${column} is NaN, which SQLite does not have. Give NULL.`)
      }
    }
  }
}

function valuesOf(edit: Edit): EditValues[] {
  switch (edit.kind) {
    case 'insert':
      return [edit.values]
    case 'update':
      return [edit.key, edit.original, edit.changes]
    case 'delete':
      return [edit.key, edit.original]
    default:
      return edit satisfies never
  }
}

function storedAs(
  table: EditedTable,
  storage: Storage,
  column: string,
  value: EditValue,
  at: number,
  name: string,
): StoredValue {
  try {
    const after = storage.stored(value, columnOf(table, column, at, name))
    return { after, converted: isConverted(value, after) }
  } catch (error) {
    if (!isEngineError(error)) throw error
    const { declaredType } = columnOf(table, column, at, name)
    throw misfit(
      at,
      `In ${name}, ${column} is ${declaredType} and does not take ${shown(value)}. Give another value.`,
    )
  }
}

function isConverted(value: EditValue, after: EditValue): boolean {
  const isText = (one: EditValue): boolean =>
    typeof one === 'string' || (typeof one === 'object' && one !== null && 'text' in one)
  // A text that stays one keeps its bytes, which may be given in two ways.
  return isText(value) ? !isText(after) : literal(after) !== literal(value)
}
