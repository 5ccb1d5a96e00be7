import type { Edit, EditValue, EditValues } from '#contract/edits.ts'
import { isSameValue } from './edit-value.ts'

/** A change of one cell of a row that was read. */
interface CellChange {
  readonly before: EditValue
  readonly after: EditValue
}

/** What becomes of a row that was read, by its place in the result. */
export type RowEdit =
  | { readonly kind: 'changed'; readonly key: EditValues; readonly cells: ReadonlyMap<string, CellChange> }
  | { readonly kind: 'removed'; readonly key: EditValues; readonly original: EditValues }

/** A row that is to be inserted; columns without a value get their default. */
export interface AddedRow {
  readonly id: number
  readonly values: ReadonlyMap<string, EditValue>
}

/** Everything that a person has changed and not applied. */
export interface Staged {
  readonly rows: ReadonlyMap<number, RowEdit>
  readonly added: readonly AddedRow[]
}

export const nothingStaged: Staged = { rows: new Map(), added: [] }

/** How many rows are edited. */
export function stagedCount({ rows, added }: Staged): number {
  return rows.size + added.length
}

export interface ChangedCell {
  readonly row: number
  readonly key: EditValues
  readonly column: string
  /** As it was read. */
  readonly before: EditValue
  readonly after: EditValue
}

/** Changes a cell; one that is as it was read again is no change, and a removed row comes back for it. */
export function withCell(staged: Staged, { row, key, column, before, after }: ChangedCell): Staged {
  const present = staged.rows.get(row)
  const cells = new Map(present?.kind === 'changed' ? present.cells : [])
  if (isSameValue(before, after)) cells.delete(column)
  else cells.set(column, { before, after })
  const rows = new Map(staged.rows)
  if (cells.size > 0) rows.set(row, { kind: 'changed', key, cells })
  else rows.delete(row)
  return { ...staged, rows }
}

/** Removes a row that was read; what was changed in it no longer matters. */
export function withRemoved(staged: Staged, row: number, key: EditValues, original: EditValues): Staged {
  return { ...staged, rows: new Map(staged.rows).set(row, { kind: 'removed', key, original }) }
}

/** Leaves rows as they were read. */
export function withoutRows(staged: Staged, leave: Iterable<number>): Staged {
  const rows = new Map(staged.rows)
  for (const row of leave) rows.delete(row)
  return { ...staged, rows }
}

/** Adds an empty row after the others. */
export function withAdded(staged: Staged): Staged {
  const id = Math.max(0, ...staged.added.map((row) => row.id)) + 1
  return { ...staged, added: [...staged.added, { id, values: new Map() }] }
}

/** Gives a value to an added row; undefined for the column's default. */
export function withAddedCell(
  staged: Staged,
  id: number,
  column: string,
  value: EditValue | undefined,
): Staged {
  const added = staged.added.map((row) => {
    if (row.id !== id) return row
    const values = new Map(row.values)
    if (value === undefined) values.delete(column)
    else values.set(column, value)
    return { id, values }
  })
  return { ...staged, added }
}

export function withoutAdded(staged: Staged, ids: ReadonlySet<number>): Staged {
  return { ...staged, added: staged.added.filter(({ id }) => !ids.has(id)) }
}

/** Which row an edit is of. */
export type EditPlace =
  { readonly kind: 'row'; readonly row: number } | { readonly kind: 'added'; readonly id: number }

/** An edit with the row that it is of. */
export interface PlacedEdit {
  readonly place: EditPlace
  readonly edit: Edit
}

/** The edits in the order in which they are made: what goes makes room for what changes and what is new. */
export function placedEdits({ rows, added }: Staged): readonly PlacedEdit[] {
  const inOrder = [...rows].sort(([a], [b]) => a - b)
  const ofRows = inOrder.map(([row, edited]): PlacedEdit => {
    const place = { kind: 'row', row } as const
    switch (edited.kind) {
      case 'removed':
        return { place, edit: { kind: 'delete', key: edited.key, original: edited.original } }
      case 'changed': {
        const pick = (side: 'before' | 'after'): EditValues =>
          Object.fromEntries([...edited.cells].map(([column, cell]) => [column, cell[side]]))
        return {
          place,
          edit: { kind: 'update', key: edited.key, original: pick('before'), changes: pick('after') },
        }
      }
      default:
        return edited satisfies never
    }
  })
  return [
    ...ofRows.filter(({ edit }) => edit.kind === 'delete'),
    ...ofRows.filter(({ edit }) => edit.kind !== 'delete'),
    ...added.map(({ id, values }): PlacedEdit => ({
      place: { kind: 'added', id },
      edit: { kind: 'insert', values: Object.fromEntries(values) },
    })),
  ]
}
