/** A cell by its row and column, from 0. */
export interface Place {
  readonly row: number
  readonly column: number
}

/** A rectangle of cells between the one where it was begun and the one that has the keyboard. */
export interface Selection {
  readonly anchor: Place
  readonly focus: Place
}

/** How large the grid is, and how many rows fit a page. */
export interface GridSize {
  readonly rows: number
  readonly columns: number
  readonly pageRows: number
}

/** A rectangle by its first row and column, and how many of each. */
export interface GridRange {
  readonly row: number
  readonly rows: number
  readonly column: number
  readonly columns: number
}

export const START: Selection = { anchor: { row: 0, column: 0 }, focus: { row: 0, column: 0 } }

export function rangeOf({ anchor, focus }: Selection): GridRange {
  const row = Math.min(anchor.row, focus.row)
  const column = Math.min(anchor.column, focus.column)
  return {
    row,
    rows: Math.abs(anchor.row - focus.row) + 1,
    column,
    columns: Math.abs(anchor.column - focus.column) + 1,
  }
}

export function contains(range: GridRange, row: number, column: number): boolean {
  return (
    row >= range.row &&
    row < range.row + range.rows &&
    column >= range.column &&
    column < range.column + range.columns
  )
}

/** Moves to a place, or stretches the selection to it; a place outside is brought inside. */
export function moveTo(selection: Selection, place: Place, size: GridSize, extend: boolean): Selection {
  const focus = {
    row: Math.min(Math.max(0, place.row), Math.max(0, size.rows - 1)),
    column: Math.min(Math.max(0, place.column), Math.max(0, size.columns - 1)),
  }
  return { anchor: extend ? selection.anchor : focus, focus }
}

/** A key with the modifiers that matter to a grid. */
export interface GridKey {
  readonly key: string
  readonly shift: boolean
  /** Ctrl, or Command on a Mac. */
  readonly control: boolean
}

/** The selection after a key, as spreadsheets do it; undefined when the key is none of the grid's. */
export function selectionAfterKey(
  selection: Selection,
  { key, shift, control }: GridKey,
  size: GridSize,
): Selection | undefined {
  const { row, column } = selection.focus
  const go = (place: Place): Selection => moveTo(selection, place, size, shift)
  switch (key) {
    case 'ArrowUp':
      return go({ row: control ? 0 : row - 1, column })
    case 'ArrowDown':
      return go({ row: control ? size.rows - 1 : row + 1, column })
    case 'ArrowLeft':
      return go({ row, column: control ? 0 : column - 1 })
    case 'ArrowRight':
      return go({ row, column: control ? size.columns - 1 : column + 1 })
    case 'PageUp':
      return go({ row: row - size.pageRows, column })
    case 'PageDown':
      return go({ row: row + size.pageRows, column })
    case 'Home':
      return go({ row: control ? 0 : row, column: 0 })
    case 'End':
      return go({ row: control ? size.rows - 1 : row, column: size.columns - 1 })
    case 'a':
    case 'A':
      if (!control) return undefined
      return { anchor: { row: 0, column: 0 }, focus: { row: size.rows - 1, column: size.columns - 1 } }
    default:
      return undefined
  }
}
