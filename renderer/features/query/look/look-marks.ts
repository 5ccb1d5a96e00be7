import type { ColumnMark } from '../../../ui/grid/grid-source.ts'
import type { Look } from './look.ts'

/** What the heads of columns say of a look. */
export function marksOf({ sorts, filters }: Look): ReadonlyMap<number, ColumnMark> {
  const marks = new Map<number, ColumnMark>()
  for (const [index, { column, direction }] of sorts.entries()) {
    marks.set(column, { sorted: direction, ...(sorts.length > 1 ? { order: index + 1 } : {}) })
  }
  for (const { column } of filters) marks.set(column, { ...marks.get(column), filtered: true })
  return marks
}
