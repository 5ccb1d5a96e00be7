import type { Chunk } from '#contract/chunk/read.ts'

/** A chunk of some of the columns of another, in another order perhaps; nothing is copied. */
export function selectColumns(chunk: Chunk, columns: readonly number[]): Chunk {
  const indexOf = (column: number): number => columns[column] ?? chunk.columnCount
  return {
    rowCount: chunk.rowCount,
    columnCount: columns.length,
    byteLength: chunk.byteLength,
    column: (column) => chunk.column(indexOf(column)),
    cell: (row, column) => chunk.cell(row, indexOf(column)),
  }
}
