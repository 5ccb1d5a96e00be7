import { assemble, type ColumnSections } from './assemble.ts'
import { cutText } from './cell-text.ts'
import { bitmapBytes, FORM, TAG, type Form } from './format.ts'
import { cellOf, heapRange, isNullAt, type Chunk, type ChunkColumn } from './read.ts'

/** A cell that was cut: row within the slice, column, and its full size in bytes. */
export type CutCell = [row: number, column: number, bytes: number]

/** Some rows as a chunk of their own. */
export interface Slice {
  readonly chunk: Uint8Array<ArrayBuffer>
  readonly cut: CutCell[]
}

/** A stretch of rows of one chunk. */
export interface ChunkRows {
  readonly chunk: Chunk
  readonly from: number
  readonly count: number
}

/**
 * Makes a new chunk of some rows of one. Texts and blobs above `maxCellBytes` are cut, texts between two characters.
 * @throws RangeError for rows outside of the chunk. @throws DamagedChunk when the chunk's bytes contradict themselves.
 */
export function slice(chunk: Chunk, from: number, count: number, maxCellBytes: number): Slice {
  return sliceAcross([{ chunk, from, count }], maxCellBytes)
}

/**
 * As `slice`, for rows that lie in several chunks of the same columns, up to MAX_CHUNK_ROWS together. A column that has
 * different forms in them gets one that holds all of its values exactly.
 */
export function sliceAcross(parts: readonly ChunkRows[], maxCellBytes: number): Slice {
  const cut: CutCell[] = []
  let rows = 0
  for (const { chunk, from, count } of parts) {
    if (!(from >= 0 && count >= 0 && from + count <= chunk.rowCount)) {
      throw new RangeError(`Rows ${from} to ${from + count} are not in a chunk of ${chunk.rowCount}.`)
    }
    rows += count
  }
  const columnCount = parts[0]?.chunk.columnCount ?? 0
  const columns: ColumnSections[] = []
  for (let index = 0; index < columnCount; index += 1) {
    const pieces = parts.map(({ chunk, from, count }) => ({ column: chunk.column(index), from, count }))
    columns.push(sliceColumn(pieces, rows, (row, bytes) => cut.push([row, index, bytes]), maxCellBytes))
  }
  return { chunk: assemble(rows, columns), cut }
}

interface Piece {
  readonly column: ChunkColumn
  readonly from: number
  readonly count: number
}

type OnCut = (row: number, bytes: number) => void

function sliceColumn(
  pieces: readonly Piece[],
  rows: number,
  onCut: OnCut,
  maxCellBytes: number,
): ColumnSections {
  const form = commonForm(pieces)
  const nulls = (): Uint8Array | undefined => sliceNulls(pieces, rows)
  switch (form) {
    case FORM.null:
      return { form }
    case FORM.int32:
      return { form, nulls: nulls(), values: bytesOf(sliceFixed(pieces, new Int32Array(rows))) }
    case FORM.int64:
      return { form, nulls: nulls(), values: bytesOf(sliceIntegers(pieces, new BigInt64Array(rows))) }
    case FORM.float64:
      return { form, nulls: nulls(), values: bytesOf(sliceFixed(pieces, new Float64Array(rows))) }
    case FORM.text:
    case FORM.blob:
      return { form, nulls: nulls(), ...sliceHeap(pieces, rows, onCut, maxCellBytes) }
    case FORM.mixed:
      return { form, ...sliceMixed(pieces, rows, onCut, maxCellBytes) }
    default:
      return form satisfies never
  }
}

/** The narrowest form that holds every piece. */
function commonForm(pieces: readonly Piece[]): Form {
  let common: Form = FORM.null
  for (const { column, count } of pieces) {
    const { form } = column
    if (form === FORM.null || form === common || count === 0) continue
    const integers =
      (form === FORM.int32 || form === FORM.int64) && (common === FORM.int32 || common === FORM.int64)
    if (common === FORM.null) common = form
    else if (integers) common = FORM.int64
    else return FORM.mixed
  }
  return common
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
}

function sliceNulls(pieces: readonly Piece[], rows: number): Uint8Array | undefined {
  let nulls: Uint8Array | undefined
  let start = 0
  for (const { column, from, count } of pieces) {
    const source = 'nulls' in column ? column.nulls : null
    if (source !== null || column.form === FORM.null) {
      for (let row = 0; row < count; row += 1) {
        if (column.form !== FORM.null && !isNullAt(source, from + row)) continue
        nulls ??= new Uint8Array(bitmapBytes(rows))
        const at = start + row
        nulls[at >> 3] = (nulls[at >> 3] ?? 0) | (1 << (at & 7))
      }
    }
    start += count
  }
  return nulls
}

function sliceFixed<A extends Int32Array | Float64Array>(pieces: readonly Piece[], target: A): A {
  let start = 0
  for (const { column, from, count } of pieces) {
    if (column.form === FORM.int32 || column.form === FORM.float64) {
      target.set(column.values.subarray(from, from + count), start)
    }
    start += count
  }
  return target
}

function sliceIntegers(pieces: readonly Piece[], target: BigInt64Array): BigInt64Array {
  let start = 0
  for (const { column, from, count } of pieces) {
    if (column.form === FORM.int64) target.set(column.values.subarray(from, from + count), start)
    else if (column.form === FORM.int32) {
      for (let row = 0; row < count; row += 1) target[start + row] = BigInt(column.values[from + row] ?? 0)
    }
    start += count
  }
  return target
}

/** Cuts a value if it is too long, and says so. */
function fitted(
  bytes: Uint8Array,
  text: boolean,
  row: number,
  onCut: OnCut,
  maxCellBytes: number,
): Uint8Array {
  if (bytes.length <= maxCellBytes) return bytes
  onCut(row, bytes.length)
  return text ? cutText(bytes, maxCellBytes) : bytes.subarray(0, maxCellBytes)
}

function sliceHeap(
  pieces: readonly Piece[],
  rows: number,
  onCut: OnCut,
  maxCellBytes: number,
): Pick<ColumnSections, 'values' | 'heap'> {
  const offsets = new Uint32Array(rows + 1)
  const heap: Uint8Array[] = []
  let row = 0
  let length = 0
  for (const { column, from, count } of pieces) {
    if (column.form !== FORM.text && column.form !== FORM.blob) {
      offsets.fill(length, row + 1, row + count + 1)
      row += count
      continue
    }
    const stretch = wholeStretch(column, from, count, maxCellBytes)
    if (stretch !== undefined) {
      const shift = length - (column.offsets[from] ?? 0)
      for (let index = 1; index <= count; index += 1)
        offsets[row + index] = (column.offsets[from + index] ?? 0) + shift
      row += count
      heap.push(stretch)
      length += stretch.length
      continue
    }
    for (let at = from; at < from + count; at += 1) {
      const whole = heapRange(column.heap, column.offsets[at] ?? 0, column.offsets[at + 1] ?? 0)
      // A NULL has no bytes; damaged ones must not be taken for some.
      const bytes = isNullAt(column.nulls, at)
        ? whole.subarray(0, 0)
        : fitted(whole, column.form === FORM.text, row, onCut, maxCellBytes)
      heap.push(bytes)
      length += bytes.length
      row += 1
      offsets[row] = length
    }
  }
  return { values: bytesOf(offsets), heap }
}

/**
 * The values of some rows as the one piece of the heap that they are where none has to be cut or left out: a view for each
 * value was half of what reading a page of rows took, and made the collector run.
 */
function wholeStretch(
  { offsets, heap, nulls }: HeapColumn,
  from: number,
  count: number,
  maxCellBytes: number,
): Uint8Array | undefined {
  const first = offsets[from] ?? 0
  let start = first
  for (let at = from; at < from + count; at += 1) {
    const end = offsets[at + 1] ?? 0
    if (end < start || end - start > maxCellBytes || (end > start && isNullAt(nulls, at))) return undefined
    start = end
  }
  return start > heap.length ? undefined : heap.subarray(first, start)
}

type HeapColumn = Extract<ChunkColumn, { readonly offsets: Uint32Array }>

function sliceMixed(
  pieces: readonly Piece[],
  rows: number,
  onCut: OnCut,
  maxCellBytes: number,
): Pick<ColumnSections, 'values' | 'tags' | 'heap'> {
  const tags = new Uint8Array(rows)
  const integers = new BigInt64Array(rows)
  const reals = new Float64Array(integers.buffer)
  const places = new Uint32Array(integers.buffer)
  const heap: Uint8Array[] = []
  let length = 0
  let start = 0
  for (const { column, from, count } of pieces) {
    for (let index = 0; index < count; index += 1) {
      const cell = cellOf(column, from + index)
      const row = start + index
      switch (cell.kind) {
        case 'null':
          break
        case 'integer':
          tags[row] = TAG.integer
          integers[row] = cell.value
          break
        case 'real':
          tags[row] = TAG.real
          reals[row] = cell.value
          break
        case 'text':
        case 'blob': {
          const bytes = fitted(cell.bytes, cell.kind === 'text', row, onCut, maxCellBytes)
          tags[row] = cell.kind === 'text' ? TAG.text : TAG.blob
          places[row * 2] = length
          places[row * 2 + 1] = bytes.length
          heap.push(bytes)
          length += bytes.length
          break
        }
        default:
          cell satisfies never
      }
    }
    start += count
  }
  return { tags, values: bytesOf(integers), heap }
}
