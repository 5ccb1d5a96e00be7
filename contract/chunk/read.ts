import {
  aligned,
  bitmapBytes,
  CHUNK_HEADER_BYTES,
  CHUNK_MAGIC,
  COLUMN_ENTRY_BYTES,
  FORM,
  HEADER_WORDS,
  MAX_CHUNK_ROWS,
  TAG,
  WORDS_PER_COLUMN_ENTRY,
  type Form,
} from './format.ts'

/** Bytes that are no chunk, or no longer are. */
export class DamagedChunk extends Error {
  constructor(what: string) {
    super(`These rows are damaged: ${what}.`)
    this.name = 'DamagedChunk'
  }
}

/** One value of a result. Texts and blobs are views of the chunk's own bytes; `cellText` decodes. */
export type Cell =
  | { readonly kind: 'null' }
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'real'; readonly value: number }
  | { readonly kind: 'text'; readonly bytes: Uint8Array }
  | { readonly kind: 'blob'; readonly bytes: Uint8Array }
export type CellKind = Cell['kind']

/** A chunk's bytes, opened for reading. Values are read only when they are asked for. */
export interface Chunk {
  readonly rowCount: number
  readonly columnCount: number
  /** Of the chunk itself. */
  readonly byteLength: number
  /** How a column is laid out here, for readers that take a whole column at once. */
  column(column: number): ChunkColumn
  /** @throws RangeError outside of the chunk. @throws DamagedChunk when the bytes contradict themselves. */
  cell(row: number, column: number): Cell
}

/** The sections of a column, checked to lie within the chunk; what they point to is checked when it is read. */
export type ChunkColumn =
  | { readonly form: typeof FORM.null }
  | { readonly form: typeof FORM.int32; readonly nulls: Uint8Array | null; readonly values: Int32Array }
  | { readonly form: typeof FORM.int64; readonly nulls: Uint8Array | null; readonly values: BigInt64Array }
  | { readonly form: typeof FORM.float64; readonly nulls: Uint8Array | null; readonly values: Float64Array }
  | {
      readonly form: typeof FORM.text | typeof FORM.blob
      readonly nulls: Uint8Array | null
      readonly offsets: Uint32Array
      readonly heap: Uint8Array
    }
  | {
      readonly form: typeof FORM.mixed
      readonly tags: Uint8Array
      readonly integers: BigInt64Array
      readonly reals: Float64Array
      readonly places: Uint32Array
      readonly heap: Uint8Array
    }

const NULL_CELL: Cell = { kind: 'null' }

/**
 * Opens a chunk's bytes, which may come from a damaged file.
 * @throws DamagedChunk when they are not a chunk.
 */
export function readChunk(bytes: Uint8Array): Chunk {
  // Typed arrays can only be laid over aligned memory; a view that is not gets a copy of its own.
  const own = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice()
  if (own.length < CHUNK_HEADER_BYTES || own.length % 8 !== 0) throw new DamagedChunk('they are cut off')
  const words = new Uint32Array(own.buffer, own.byteOffset, own.length / 4)
  const [magic, rowCount = 0, columnCount = 0, length] = words
  if (magic !== CHUNK_MAGIC) throw new DamagedChunk('they do not begin as a chunk does')
  if (length !== own.length) throw new DamagedChunk('their length is not what it should be')
  if (rowCount > MAX_CHUNK_ROWS) throw new DamagedChunk('there are more rows than a chunk can have')
  const sectionsStart = aligned(CHUNK_HEADER_BYTES + columnCount * COLUMN_ENTRY_BYTES)
  if (sectionsStart > own.length) throw new DamagedChunk('the list of columns is cut off')

  const columns = Array.from({ length: columnCount }, (_, index) => openColumn(index))

  function section(start: number | undefined, size: number): Uint8Array {
    if (size === 0) return own.subarray(0, 0)
    if (start === undefined || start % 8 !== 0 || start < sectionsStart || start + size > own.length) {
      throw new DamagedChunk('a column points outside of them')
    }
    return own.subarray(start, start + size)
  }

  function openColumn(index: number): ChunkColumn {
    const entry = HEADER_WORDS + index * WORDS_PER_COLUMN_ENTRY
    const form = words[entry] as Form
    const nullsStart = words[entry + 1]
    const nulls = nullsStart === 0 ? null : section(nullsStart, bitmapBytes(rowCount))
    const values = (size: number): Uint8Array => section(words[entry + 2], size)
    const heap = (): Uint8Array => section(words[entry + 4], words[entry + 5] ?? 0)
    switch (form) {
      case FORM.null:
        return { form }
      case FORM.int32: {
        const { buffer, byteOffset } = values(rowCount * 4)
        return { form, nulls, values: new Int32Array(buffer, byteOffset, rowCount) }
      }
      case FORM.int64: {
        const { buffer, byteOffset } = values(rowCount * 8)
        return { form, nulls, values: new BigInt64Array(buffer, byteOffset, rowCount) }
      }
      case FORM.float64: {
        const { buffer, byteOffset } = values(rowCount * 8)
        return { form, nulls, values: new Float64Array(buffer, byteOffset, rowCount) }
      }
      case FORM.text:
      case FORM.blob: {
        const { buffer, byteOffset } = values((rowCount + 1) * 4)
        return { form, nulls, offsets: new Uint32Array(buffer, byteOffset, rowCount + 1), heap: heap() }
      }
      case FORM.mixed: {
        const { buffer, byteOffset } = values(rowCount * 8)
        return {
          form,
          tags: section(words[entry + 3], rowCount),
          integers: new BigInt64Array(buffer, byteOffset, rowCount),
          reals: new Float64Array(buffer, byteOffset, rowCount),
          places: new Uint32Array(buffer, byteOffset, rowCount * 2),
          heap: heap(),
        }
      }
      default:
        form satisfies never
        throw new DamagedChunk('a column has a form that is not known')
    }
  }

  function columnAt(index: number): ChunkColumn {
    const column = columns[index]
    if (column === undefined)
      throw new RangeError(`There is no column ${index} in a chunk of ${columnCount}.`)
    return column
  }

  return {
    rowCount,
    columnCount,
    byteLength: own.length,
    column: columnAt,
    cell(row, index) {
      const column = columnAt(index)
      if (!(row >= 0 && row < rowCount))
        throw new RangeError(`There is no row ${row} in a chunk of ${rowCount}.`)
      return cellOf(column, row)
    },
  }
}

/** Whether a bitmap of NULLs says that a row is NULL. */
export function isNullAt(nulls: Uint8Array | null, row: number): boolean {
  return nulls !== null && ((nulls[row >> 3] ?? 0) & (1 << (row & 7))) !== 0
}

/** The value of a row in a column that lies within its chunk. @throws DamagedChunk */
export function cellOf(column: ChunkColumn, row: number): Cell {
  switch (column.form) {
    case FORM.null:
      return NULL_CELL
    case FORM.int32:
    case FORM.int64:
      return isNullAt(column.nulls, row)
        ? NULL_CELL
        : { kind: 'integer', value: BigInt(column.values[row] ?? 0) }
    case FORM.float64:
      return isNullAt(column.nulls, row) ? NULL_CELL : { kind: 'real', value: column.values[row] ?? 0 }
    case FORM.text:
    case FORM.blob: {
      if (isNullAt(column.nulls, row)) return NULL_CELL
      const start = column.offsets[row] ?? 0
      const bytes = heapRange(column.heap, start, column.offsets[row + 1] ?? 0)
      return { kind: column.form === FORM.text ? 'text' : 'blob', bytes }
    }
    case FORM.mixed: {
      const tag = column.tags[row] ?? TAG.null
      switch (tag) {
        case TAG.null:
          return NULL_CELL
        case TAG.integer:
          return { kind: 'integer', value: column.integers[row] ?? 0n }
        case TAG.real:
          return { kind: 'real', value: column.reals[row] ?? 0 }
        case TAG.text:
        case TAG.blob: {
          const start = column.places[row * 2] ?? 0
          const bytes = heapRange(column.heap, start, start + (column.places[row * 2 + 1] ?? 0))
          return { kind: tag === TAG.text ? 'text' : 'blob', bytes }
        }
        default:
          throw new DamagedChunk('a value has a tag that is not known')
      }
    }
    default:
      return column satisfies never
  }
}

/** A stretch of a heap. @throws DamagedChunk when it does not lie within. */
export function heapRange(heap: Uint8Array, start: number, end: number): Uint8Array {
  if (start > end || end > heap.length) throw new DamagedChunk('a value points outside of them')
  return heap.subarray(start, end)
}
