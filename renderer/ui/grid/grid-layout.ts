import type { GridCell, GridColumn } from './grid-source.ts'

/** Row height: 13 px text with room to breathe. */
export const ROW_PX = 26
/** Header height: a name above its type. */
export const HEADER_PX = 42
/** Narrowest column: one still sees that something is there, and can grab its edge. */
export const MIN_COLUMN_PX = 40
/** Widest column by itself; a person may drag it wider. */
const MAX_AUTO_COLUMN_PX = 340
/** Narrowest column by itself. */
const MIN_AUTO_COLUMN_PX = 72
/** Mean width of a character of the grid's 13 px type. */
const CHARACTER_PX = 7.6
/** A character of Chinese, Japanese or Korean is as wide as the type is high. */
const WIDE_CHARACTER_PX = 13
/** A column's name is bold, which takes that much more room. */
const HEADING_FACTOR = 1.15
/** Left and right padding of a cell, and room for the column's edge. */
const CELL_PADDING_PX = 26
/** Of a digit in a row number. */
const DIGIT_PX = 8
const ROW_NUMBER_PADDING_PX = 20

/** Where columns begin and end, in pixels from the left edge of the first. */
export interface ColumnLayout {
  readonly widths: readonly number[]
  /** Columns of numbers, which are compared by their right ends. */
  readonly numeric: readonly boolean[]
  /** One more than there are columns; the last is the total width. */
  readonly starts: readonly number[]
}

export function layOutColumns(widths: readonly number[], numeric: readonly boolean[] = []): ColumnLayout {
  const starts = [0]
  for (const width of widths) starts.push((starts.at(-1) ?? 0) + width)
  return { widths, numeric, starts }
}

/** The columns that a stretch touches: the first, and one past the last. */
export function columnsBetween(
  { starts }: ColumnLayout,
  leftPx: number,
  rightPx: number,
): readonly [number, number] {
  const count = starts.length - 1
  if (count === 0) return [0, 0]
  const first = Math.min(lastStartAtOrBefore(starts, leftPx), count - 1)
  const last = Math.min(lastStartAtOrBefore(starts, Math.max(leftPx, rightPx - 1)), count - 1)
  return [first, last + 1]
}

/** The column at a place; the last one for a place right of all, -1 when there are none. */
export function columnAt(layout: ColumnLayout, px: number): number {
  return Math.min(lastStartAtOrBefore(layout.starts, Math.max(0, px)), layout.widths.length - 1)
}

function lastStartAtOrBefore(starts: readonly number[], px: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] ?? 0) <= px) low = middle
    else high = middle - 1
  }
  return low
}

/** Whether the cells that are known of a column are numbers, or nothing. */
export function isNumeric(cells: readonly GridCell[]): boolean {
  const known = cells.filter(({ kind }) => kind !== 'null')
  return known.length > 0 && known.every(({ kind }) => kind === 'integer' || kind === 'real')
}

/** A width at which a column's name and the given cells can be read. */
export function fittingWidth(column: GridColumn, cells: readonly GridCell[]): number {
  const widest = Math.max(textPx(column.name) * HEADING_FACTOR, textPx(column.type), ...cells.map(cellPx))
  return Math.round(Math.min(Math.max(widest + CELL_PADDING_PX, MIN_AUTO_COLUMN_PX), MAX_AUTO_COLUMN_PX))
}

function cellPx(cell: GridCell): number {
  switch (cell.kind) {
    case 'null':
    case 'default':
      return textPx('NULL')
    case 'integer':
    case 'real':
    case 'text':
      return textPx(cell.text)
    case 'blob':
      return textPx(cell.preview) + textPx('000 bytes')
    default:
      return cell satisfies never
  }
}

/** Characters measured of one text; further ones would not change the answer. */
const MEASURED_CHARACTERS = 60

function textPx(text: string): number {
  let px = 0
  for (const character of text.slice(0, MEASURED_CHARACTERS)) {
    px += (character.codePointAt(0) ?? 0) >= 0x2e80 ? WIDE_CHARACTER_PX : CHARACTER_PX
  }
  return px
}

/** Of the column of row numbers, when the last row has this number. */
export function rowNumberWidth(rowCount: number, format: (row: number) => string): number {
  return Math.max(2, format(rowCount).length) * DIGIT_PX + ROW_NUMBER_PADDING_PX
}
