import { FORM, TAG } from '#contract/chunk/format.ts'
import { heapRange, isNullAt, type Chunk, type ChunkColumn } from '#contract/chunk/read.ts'

/** How a format writes each kind of value. */
export interface CellFormat {
  readonly null: string
  integer(value: number | bigint): string
  real(value: number): string
  /** UTF-8, or what a database holds in its place. */
  text(heap: Buffer, start: number, end: number): string
  blob(bytes: Buffer): string
}

/** The text of a row's cell. @throws DamagedChunk */
type CellReader = (row: number) => string

/** Writes every row of a chunk. @param write takes the cells of a row; the array is used again for the next. */
export function eachRow(chunk: Chunk, format: CellFormat, write: (cells: readonly string[]) => void): void {
  const readers = Array.from({ length: chunk.columnCount }, (_, index) =>
    readerOf(chunk.column(index), format),
  )
  const cells = new Array<string>(readers.length)
  for (let row = 0; row < chunk.rowCount; row += 1) {
    for (const [index, read] of readers.entries()) cells[index] = read(row)
    write(cells)
  }
}

/** A reader for each column, because what a column holds is asked once and not for every row. */
function readerOf(column: ChunkColumn, format: CellFormat): CellReader {
  switch (column.form) {
    case FORM.null:
      return () => format.null
    case FORM.int32:
    case FORM.int64:
      return (row) => (isNullAt(column.nulls, row) ? format.null : format.integer(column.values[row] ?? 0))
    case FORM.float64:
      return (row) => (isNullAt(column.nulls, row) ? format.null : format.real(column.values[row] ?? 0))
    case FORM.text: {
      const { nulls, offsets } = column
      const heap = bufferOf(column.heap)
      return (row) => {
        if (isNullAt(nulls, row)) return format.null
        const [start, end] = checked(heap, offsets[row] ?? 0, offsets[row + 1] ?? 0)
        return format.text(heap, start, end)
      }
    }
    case FORM.blob: {
      const { nulls, offsets } = column
      const heap = bufferOf(column.heap)
      return (row) => {
        if (isNullAt(nulls, row)) return format.null
        const [start, end] = checked(heap, offsets[row] ?? 0, offsets[row + 1] ?? 0)
        return format.blob(heap.subarray(start, end))
      }
    }
    case FORM.mixed: {
      const { tags, integers, reals, places } = column
      const heap = bufferOf(column.heap)
      return (row) => {
        const start = places[row * 2] ?? 0
        const end = start + (places[row * 2 + 1] ?? 0)
        switch (tags[row] ?? TAG.null) {
          case TAG.integer:
            return format.integer(integers[row] ?? 0n)
          case TAG.real:
            return format.real(reals[row] ?? 0)
          case TAG.text:
            checked(heap, start, end)
            return format.text(heap, start, end)
          case TAG.blob:
            checked(heap, start, end)
            return format.blob(heap.subarray(start, end))
          default:
            return format.null
        }
      }
    }
    default:
      return column satisfies never
  }
}

function bufferOf({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length)
}

function checked(heap: Buffer, start: number, end: number): readonly [number, number] {
  if (start > end || end > heap.length) heapRange(heap, start, end)
  return [start, end]
}
