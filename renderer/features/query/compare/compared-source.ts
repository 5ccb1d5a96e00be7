import type { GridCell, GridSource } from '../../../ui/grid/grid-source.ts'

/**
 * The rows of a result with what differs from another one marked, row by row from the first on and columns by their
 * names: rows that the other has not, columns that it has not, and cells with another value.
 */
export function comparedSource(mine: GridSource, other: GridSource): GridSource {
  const columnInOther = (column: number): number => {
    const name = mine.columns[column]?.name
    // Of several columns of one name the first is the one at the same place, then the next.
    if (other.columns[column]?.name === name) return column
    return other.columns.findIndex((each) => each.name === name)
  }

  return {
    get columns() {
      return mine.columns
    },
    get rowCount() {
      return mine.rowCount
    },
    cell: (row, column) => mine.cell(row, column),
    rowLook: (row) => (row >= other.rowCount ? 'added' : undefined),
    cellLook(row, column) {
      if (row >= other.rowCount) return 'added'
      const at = columnInOther(column)
      if (at === -1) return 'added'
      const cell = mine.cell(row, column)
      const beside = other.cell(row, at)
      return cell && beside && !areSame(cell, beside) ? 'changed' : undefined
    },
    show(first, count) {
      mine.show(first, count)
      // Its cells are looked at, too.
      if (first < other.rowCount) other.show(first, Math.min(count, other.rowCount - first))
    },
    subscribe(onChange) {
      const ends = [mine.subscribe(onChange), other.subscribe(onChange)]
      return () => ends.forEach((end) => end())
    },
  }
}

/** Whether two values are drawn alike; of values that are cut, their beginnings are compared. */
function areSame(one: GridCell, other: GridCell): boolean {
  switch (one.kind) {
    case 'null':
    case 'default':
      return one.kind === other.kind
    case 'integer':
    case 'real':
    case 'text':
      return one.kind === other.kind && one.text === other.text
    case 'blob':
      return one.kind === other.kind && one.bytes === other.bytes && one.preview === other.preview
    default:
      return one satisfies never
  }
}
