import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { cellText } from '#contract/chunk/cell-text.ts'
import { DamagedChunk, readChunk, type Cell, type Chunk } from '#contract/chunk/read.ts'
import {
  decodeColumns,
  decodeFileHeader,
  decodeFrame,
  FILE_HEADER_BYTES,
  FRAME_BYTES,
  resultFiles,
} from '#contract/chunk/result-file.ts'
import { MAX_CHUNK_BYTES, MAX_CHUNK_ROWS } from '#contract/chunk/format.ts'
import type { RawValue } from '#contract/chunk/encode.ts'
import type { ColumnInfo } from '#contract/run.ts'
import { freeBytes } from '../free-bytes.ts'

/** Damage to a result file, in the words that the extension uses for the same. */
export class DamagedResult extends Error {
  readonly code = 'SQLITE_CORRUPT_VTAB'
}

/** A result on disk, read from its first row to its last in a process that may block. */
export interface ResultRows {
  readonly columns: readonly ColumnInfo[]
  /** Reads the file anew. @throws DamagedResult at the first chunk that is. */
  rows(): Generator<RawValue[]>
  /** As `rows`, a chunk at a time; each is there until the next one is asked for. */
  chunks(): Generator<Chunk>
}

/**
 * Opens a result for reading without the extension.
 * @param path without the endings of its two files.
 * @throws DamagedResult when its beginning is; Node's error when there is none.
 */
export function openResultRows(path: string): ResultRows {
  const name = resultFiles(path).rows
  const { columns, end } = withFile(name, (file) => readHeader(file, name))
  return {
    columns,
    *rows() {
      for (const chunk of chunks()) yield* rowsOf(chunk)
    },
    chunks,
  }

  function* chunks(): Generator<Chunk> {
    const file = openSync(name, 'r')
    try {
      yield* chunksFrom(file, end, columns.length)
    } finally {
      closeSync(file)
    }
  }
}

function withFile<R>(name: string, read: (file: number) => R): R {
  const file = openSync(name, 'r')
  try {
    return read(file)
  } finally {
    closeSync(file)
  }
}

function readHeader(file: number, name: string): { columns: ColumnInfo[]; end: number } {
  const header = decodeFileHeader(readAt(file, 0, FILE_HEADER_BYTES))
  const fits = header !== null && FILE_HEADER_BYTES + header.columnsBytes <= fstatSync(file).size
  const json = fits ? readAt(file, FILE_HEADER_BYTES, header.columnsBytes) : undefined
  const columns = json && crc32(json) === header?.crc ? decodeColumns(json) : null
  if (json === undefined || columns === null) {
    throw new DamagedResult(`the beginning of the result file ${name} is damaged`)
  }
  return { columns, end: FILE_HEADER_BYTES + json.length }
}

/** Goes from frame to frame, up to the first that is torn. */
function* chunksFrom(file: number, start: number, columnCount: number): Generator<Chunk> {
  const { size } = fstatSync(file)
  let next = start
  let firstRow = 0
  for (;;) {
    const frame = decodeFrame(readAt(file, next, FRAME_BYTES))
    if (frame?.kind !== 'chunk' || frame.firstRow !== firstRow) return
    if (frame.rows > MAX_CHUNK_ROWS || frame.length > MAX_CHUNK_BYTES) return
    if (next + FRAME_BYTES + frame.length > size) return
    const bytes = readAt(file, next + FRAME_BYTES, frame.length)
    yield openChunk(bytes, frame, columnCount)
    freeBytes(bytes)
    next += FRAME_BYTES + frame.length
    firstRow += frame.rows
  }
}

function openChunk(
  bytes: Uint8Array,
  { firstRow, rows, crc }: { readonly firstRow: number; readonly rows: number; readonly crc: number },
  columnCount: number,
): Chunk {
  const damaged = (): Error => damagedRows(firstRow, rows)
  if (crc32(bytes) !== crc) throw damaged()
  try {
    const chunk = readChunk(bytes)
    if (chunk.rowCount !== rows || chunk.columnCount !== columnCount) throw damaged()
    return chunk
  } catch (error) {
    throw error instanceof DamagedChunk ? damaged() : error
  }
}

function damagedRows(firstRow: number, rows: number): Error {
  return new DamagedResult(`rows ${firstRow + 1} to ${firstRow + rows} of this result are damaged`)
}

function* rowsOf(chunk: Chunk): Generator<RawValue[]> {
  const { rowCount, columnCount } = chunk
  try {
    for (let row = 0; row < rowCount; row += 1) {
      yield Array.from({ length: columnCount }, (_, column) => valueOf(chunk.cell(row, column)))
    }
  } catch (error) {
    throw error instanceof DamagedChunk ? new DamagedResult(error.message) : error
  }
}

function valueOf(cell: Cell): RawValue {
  switch (cell.kind) {
    case 'null':
      return null
    case 'integer':
    case 'real':
      return cell.value
    case 'text':
      return cellText(cell)
    case 'blob':
      return Buffer.from(cell.bytes)
    default:
      return cell satisfies never
  }
}

/** Reads as many bytes as there are, up to `length`. */
function readAt(file: number, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let filled = 0
  while (filled < length) {
    const read = readSync(file, bytes, filled, length - filled, position + filled)
    if (read === 0) break
    filled += read
  }
  return bytes.subarray(0, filled)
}
