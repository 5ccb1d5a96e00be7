import { cellText } from '#contract/chunk/cell-text.ts'
import type { Cell, Chunk } from '#contract/chunk/read.ts'
import { FIGURES } from './look-sql.ts'

/** What some cells amount to. */
export interface Summary {
  readonly cells: number
  readonly nulls: number
  readonly numbers: number
  /** Of the numbers, exact for integers; undefined when there are none. */
  readonly sum: string | undefined
  readonly average: string | undefined
  /** Of the numbers, or of the texts when there are no numbers. */
  readonly least: string | undefined
  readonly greatest: string | undefined
}

/** Places of figures among those of a column. */
const LEAST_NUMBER = 7
const GREATEST_NUMBER = 8
const LEAST_TEXT = 9
const GREATEST_TEXT = 10
/** Bits of the lower half in which integers are summed. */
const HALF = 32n

/** Reads the answer to `summarySql`: one row with `FIGURES` figures of each column. */
export function readSummary(chunk: Chunk): Summary {
  const columns = Array.from({ length: chunk.columnCount / FIGURES }, (_, column) =>
    Array.from({ length: FIGURES }, (__, figure) => chunk.cell(0, column * FIGURES + figure)),
  )
  const figures = (figure: number): Cell[] => columns.flatMap((column) => column[figure] ?? [])
  const total = (figure: number): bigint =>
    figures(figure).reduce((sum, cell) => sum + (cell.kind === 'integer' ? cell.value : 0n), 0n)
  const [cells, values, integers, reals] = [0, 1, 2, 3].map((figure) => Number(total(figure)))
  const wholeSum = (total(4) << HALF) + total(5)
  const realSum = figures(6).reduce((sum, cell) => sum + (cell.kind === 'real' ? cell.value : 0), 0)
  const numbers = (integers ?? 0) + (reals ?? 0)
  const sum = Number(wholeSum) + realSum
  return {
    cells: cells ?? 0,
    nulls: (cells ?? 0) - (values ?? 0),
    numbers,
    sum: numbers === 0 ? undefined : reals === 0 ? String(wholeSum) : String(sum),
    average: numbers === 0 ? undefined : String(sum / numbers),
    least: extreme(figures(numbers > 0 ? LEAST_NUMBER : LEAST_TEXT), -1),
    greatest: extreme(figures(numbers > 0 ? GREATEST_NUMBER : GREATEST_TEXT), 1),
  }
}

/** The one of several numbers, or texts, that goes furthest in a direction; undefined when all are NULL. */
function extreme(cells: readonly Cell[], direction: 1 | -1): string | undefined {
  const [first, ...others] = cells.filter(({ kind }) => kind !== 'null')
  if (!first) return undefined
  return cellText(others.reduce((best, cell) => (compared(cell, best) === direction ? cell : best), first))
}

function compared(one: Cell, other: Cell): number {
  const [a, b] = [orderOf(one), orderOf(other)]
  return a < b ? -1 : a > b ? 1 : 0
}

function orderOf(cell: Cell): number | bigint | string {
  return cell.kind === 'integer' || cell.kind === 'real' ? cell.value : cellText(cell)
}
