import { z } from 'zod'
import { columnInfo, type ColumnInfo } from '../run.ts'

/**
 * The layout of a result on disk: `<path>.rows` with the chunks one after the other, and `<path>.index` with an entry
 * of fixed size for each. Described in docs/result-format.md.
 *
 * Every checksum is the CRC-32 of zip and zlib; it is handed in, because this folder also runs in the page.
 */
export type Checksum = (bytes: Uint8Array) => number

/** "OFLROWS1" as bytes; the last one is the version of the format. */
const FILE_MAGIC = new TextEncoder().encode('OFLROWS1')
/** "CHNK" and "ENDR" as bytes, read as little-endian numbers. */
const CHUNK_FRAME_MAGIC = 0x4b4e4843
const END_FRAME_MAGIC = 0x52444e45

/** Magic, length and checksum of the columns. */
export const FILE_HEADER_BYTES = 16
/** Before each chunk: magic, length, first row, rows, checksum. */
export const FRAME_BYTES = 24
/** In the index, for each chunk: first row, offset of its frame, rows, length, checksum of the chunk and of the entry. */
export const INDEX_ENTRY_BYTES = 32
const INDEX_ENTRY_CHECKED_BYTES = 28
/** SQLite allows 32,767 columns; a longer list is damage and must not be allocated. */
export const MAX_COLUMNS_BYTES = 64 * 1024 * 1024

const ALIGNMENT = 8
const columnList = z.array(columnInfo)

/** Where the two files of a result are. */
export function resultFiles(path: string): { readonly rows: string; readonly index: string } {
  return { rows: `${path}.rows`, index: `${path}.index` }
}

/** The beginning of a rows file: its header and the columns as JSON, padded with spaces to a multiple of 8 bytes. */
export function encodeFileHeader(columns: readonly ColumnInfo[], checksum: Checksum): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(columns))
  const padded = new Uint8Array(Math.ceil(json.length / ALIGNMENT) * ALIGNMENT).fill(0x20)
  padded.set(json)
  const bytes = new Uint8Array(FILE_HEADER_BYTES + padded.length)
  const view = new DataView(bytes.buffer)
  bytes.set(FILE_MAGIC)
  view.setUint32(8, padded.length, true)
  view.setUint32(12, checksum(padded), true)
  bytes.set(padded, FILE_HEADER_BYTES)
  return bytes
}

/** @returns how long the columns' JSON after the header is and its checksum; null when this is no result file. */
export function decodeFileHeader(
  bytes: Uint8Array,
): { readonly columnsBytes: number; readonly crc: number } | null {
  if (bytes.length < FILE_HEADER_BYTES || FILE_MAGIC.some((byte, index) => bytes[index] !== byte)) return null
  const view = viewOf(bytes)
  const columnsBytes = view.getUint32(8, true)
  return columnsBytes > MAX_COLUMNS_BYTES ? null : { columnsBytes, crc: view.getUint32(12, true) }
}

/** @returns the columns; null when the JSON is not a list of them. */
export function decodeColumns(bytes: Uint8Array): ColumnInfo[] | null {
  try {
    const parsed = columnList.safeParse(JSON.parse(new TextDecoder().decode(bytes)))
    return parsed.success ? parsed.data : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** What stands before a chunk, or closes a result whose statement ended by itself. */
export type Frame =
  | {
      readonly kind: 'chunk'
      readonly length: number
      readonly firstRow: number
      readonly rows: number
      readonly crc: number
    }
  | { readonly kind: 'end'; readonly rows: number }

/** A frame as bytes. */
export function encodeFrame(frame: Frame): Uint8Array {
  const bytes = new Uint8Array(FRAME_BYTES)
  const view = new DataView(bytes.buffer)
  switch (frame.kind) {
    case 'chunk':
      view.setUint32(0, CHUNK_FRAME_MAGIC, true)
      view.setUint32(4, frame.length, true)
      view.setBigUint64(8, BigInt(frame.firstRow), true)
      view.setUint32(16, frame.rows, true)
      view.setUint32(20, frame.crc, true)
      return bytes
    case 'end':
      view.setUint32(0, END_FRAME_MAGIC, true)
      view.setBigUint64(8, BigInt(frame.rows), true)
      return bytes
    default:
      return frame satisfies never
  }
}

/** @returns the frame; null when these bytes are none. */
export function decodeFrame(bytes: Uint8Array): Frame | null {
  if (bytes.length < FRAME_BYTES) return null
  const view = viewOf(bytes)
  const firstRow = Number(view.getBigUint64(8, true))
  switch (view.getUint32(0, true)) {
    case CHUNK_FRAME_MAGIC:
      return {
        kind: 'chunk',
        length: view.getUint32(4, true),
        firstRow,
        rows: view.getUint32(16, true),
        crc: view.getUint32(20, true),
      }
    case END_FRAME_MAGIC:
      return { kind: 'end', rows: firstRow }
    default:
      return null
  }
}

/** Where a chunk is. */
export interface IndexEntry {
  readonly firstRow: number
  readonly rows: number
  /** Of the chunk's frame, from the start of the rows file. */
  readonly offset: number
  /** Of the chunk without its frame. */
  readonly length: number
  readonly crc: number
}

/** An entry of the index as bytes. */
export function encodeIndexEntry(entry: IndexEntry, checksum: Checksum): Uint8Array {
  const bytes = new Uint8Array(INDEX_ENTRY_BYTES)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, BigInt(entry.firstRow), true)
  view.setBigUint64(8, BigInt(entry.offset), true)
  view.setUint32(16, entry.rows, true)
  view.setUint32(20, entry.length, true)
  view.setUint32(24, entry.crc, true)
  view.setUint32(28, checksum(bytes.subarray(0, INDEX_ENTRY_CHECKED_BYTES)), true)
  return bytes
}

/** @returns the entry; null when it is torn or damaged. */
export function decodeIndexEntry(bytes: Uint8Array, checksum: Checksum): IndexEntry | null {
  if (bytes.length < INDEX_ENTRY_BYTES) return null
  const view = viewOf(bytes)
  if (view.getUint32(28, true) !== checksum(bytes.subarray(0, INDEX_ENTRY_CHECKED_BYTES))) return null
  return {
    firstRow: Number(view.getBigUint64(0, true)),
    offset: Number(view.getBigUint64(8, true)),
    rows: view.getUint32(16, true),
    length: view.getUint32(20, true),
    crc: view.getUint32(24, true),
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
