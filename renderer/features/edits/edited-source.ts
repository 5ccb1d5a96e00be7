import type { TableInfo } from '#contract/database.ts'
import type { ResultRows } from '../../rows/result-rows.ts'
import type { EditLook, GridSource } from '../../ui/grid/grid-source.ts'
import { drawnValue } from './edit-value.ts'
import type { AddedRow, Staged } from './staged.ts'

/** Rows as they were read, with what is staged drawn over them and new rows after them. */
export interface EditedSource extends GridSource {
  /** The new row at a place in the grid, if that is one. */
  addedAt(row: number): AddedRow | undefined
  /** Draws again, because what is staged has changed. */
  changed(): void
}

export interface EditedSourceParts {
  readonly rows: ResultRows
  readonly table: TableInfo
  readonly staged: () => Staged
  /** Rows, by their places in the grid, that stood in the way of all. */
  readonly conflicts: () => ReadonlySet<number>
}

export function makeEditedSource({ rows, table, staged, conflicts }: EditedSourceParts): EditedSource {
  const listeners = new Set<() => void>()
  const columns = table.columns.map(({ name, declaredType }) => ({ name, type: declaredType }))

  const addedAt = (row: number): AddedRow | undefined => staged().added[row - rows.rowCount]
  const nameOf = (column: number): string => columns[column]?.name ?? ''

  function rowLook(row: number): EditLook | undefined {
    if (conflicts().has(row)) return 'conflict'
    return addedAt(row) ? 'added' : staged().rows.get(row)?.kind
  }

  return {
    columns,
    get rowCount() {
      return rows.rowCount + staged().added.length
    },
    cell(row, column) {
      const added = addedAt(row)
      if (added) {
        const value = added.values.get(nameOf(column))
        return value === undefined ? { kind: 'default' } : drawnValue(value)
      }
      const edited = staged().rows.get(row)
      const change = edited?.kind === 'changed' ? edited.cells.get(nameOf(column)) : undefined
      return change ? drawnValue(change.after) : rows.cell(row, column)
    },
    rowLook,
    cellLook(row, column) {
      const look = rowLook(row)
      const edited = staged().rows.get(row)
      if (edited?.kind !== 'changed') return look
      return edited.cells.has(nameOf(column)) ? look : undefined
    },
    show: (first, count) => rows.show(first, Math.min(count, rows.rowCount - first)),
    subscribe(onChange) {
      listeners.add(onChange)
      const unsubscribe = rows.subscribe(onChange)
      return () => {
        listeners.delete(onChange)
        unsubscribe()
      }
    },
    addedAt,
    changed() {
      for (const listener of listeners) listener()
    },
  }
}
