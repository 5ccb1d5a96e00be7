import { realText } from '#contract/chunk/cell-text.ts'
import { FORM, TAG } from '#contract/chunk/format.ts'
import { heapRange, isNullAt, type Chunk, type ChunkColumn } from '#contract/chunk/read.ts'
import type { RowFormat } from './row-format.ts'

export interface CsvOptions {
  /** One character of ASCII; a comma without. */
  readonly separator?: string
  /** Begin with the columns' names. */
  readonly header?: boolean
  /** Begin with the mark of UTF-8. */
  readonly bom?: boolean
  /** How NULL is written; a value that looks like it stands in quotes. */
  readonly nullText?: string
  /** Before the hexadecimal digits of a blob; a text that begins like it stands in quotes. */
  readonly blobPrefix?: string
  /** Which texts stand in quotes: those that must, or all. */
  readonly quotes?: 'needed' | 'text'
}

const QUOTE = 0x22
const LINE_FEED = 0x0a
const MINUS = 0x2d
const ZERO = 0x30
const UTF8_MARK = '\uFEFF'
/** `-9223372036854775808` or `-2.2250738585072014e-308`, whichever is longer, and the separator. */
const MAX_NUMBER_BYTES = 26
const HEX_DIGITS = Buffer.from('0123456789abcdef', 'latin1')

/** Writes a row's value at a position. @returns the position behind it. @throws DamagedChunk */
type Writer = (row: number, at: number) => number

/**
 * Comma-separated values after RFC 4180, with lines that end as those of every other Unix tool do: in a line feed.
 * The bytes of a text are never decoded, so that one which is not UTF-8 comes out as it went in.
 * https://www.rfc-editor.org/rfc/rfc4180
 */
export function csvFormat(names: readonly string[], options: CsvOptions = {}): RowFormat {
  const {
    separator = ',',
    header = true,
    bom = false,
    nullText = '',
    blobPrefix = '',
    quotes = 'needed',
  } = options
  const nullBytes = Buffer.from(nullText)
  const prefix = Buffer.from(blobPrefix, 'latin1')
  const separatorByte = separator.charCodeAt(0)
  const special = new Uint8Array(256)
  const specialBytes = [separator, '"', '\r', '\n'].map((character) => character.charCodeAt(0))
  for (const byte of specialBytes) special[byte] = 1

  /** The most bytes that a chunk can take, so that the room for it is asked for once. */
  function bound(chunk: Chunk): number {
    let bytes = 0
    for (let index = 0; index < chunk.columnCount; index += 1) {
      const column = chunk.column(index)
      const perRow = MAX_NUMBER_BYTES + nullBytes.length + prefix.length
      bytes += chunk.rowCount * perRow + ('heap' in column ? 2 * heapInUse(column, chunk.rowCount) : 0)
    }
    return bytes + chunk.rowCount
  }

  function writers(chunk: Chunk, out: Buffer): Writer[] {
    return Array.from({ length: chunk.columnCount }, (_, index) => writerOf(chunk.column(index), out))
  }

  function writerOf(column: ChunkColumn, out: Buffer): Writer {
    const putNull = (at: number): number => (nullBytes.length === 0 ? at : at + nullBytes.copy(out, at))
    switch (column.form) {
      case FORM.null:
        return (_row, at) => putNull(at)
      case FORM.int32: {
        const { nulls, values } = column
        return (row, at) => (isNullAt(nulls, row) ? putNull(at) : putInteger(out, at, values[row] ?? 0))
      }
      case FORM.int64: {
        const { nulls, values } = column
        return (row, at) =>
          isNullAt(nulls, row) ? putNull(at) : putAscii(out, at, String(values[row] ?? 0n))
      }
      case FORM.float64: {
        const { nulls, values } = column
        return (row, at) =>
          isNullAt(nulls, row) ? putNull(at) : putAscii(out, at, realText(values[row] ?? 0))
      }
      case FORM.text: {
        const { nulls, offsets, heap } = column
        const put = hasSpecial(heap) ? putText : putPlainText
        return (row, at) =>
          isNullAt(nulls, row) ? putNull(at) : put(out, at, heap, offsets[row] ?? 0, offsets[row + 1] ?? 0)
      }
      case FORM.blob: {
        const { nulls, offsets, heap } = column
        return (row, at) =>
          isNullAt(nulls, row)
            ? putNull(at)
            : putBlob(out, at, heap, offsets[row] ?? 0, offsets[row + 1] ?? 0)
      }
      case FORM.mixed: {
        const { tags, integers, reals, places, heap } = column
        return (row, at) => {
          const start = places[row * 2] ?? 0
          const end = start + (places[row * 2 + 1] ?? 0)
          switch (tags[row] ?? TAG.null) {
            case TAG.integer:
              return putAscii(out, at, String(integers[row] ?? 0n))
            case TAG.real:
              return putAscii(out, at, realText(reals[row] ?? 0))
            case TAG.text:
              return putText(out, at, heap, start, end)
            case TAG.blob:
              return putBlob(out, at, heap, start, end)
            default:
              return putNull(at)
          }
        }
      }
      default:
        return column satisfies never
    }
  }

  /** Copies a text until something in it needs quotes; then from its start again, in quotes. */
  function putText(out: Buffer, at: number, heap: Uint8Array, start: number, end: number): number {
    if (start > end || end > heap.length) heapRange(heap, start, end)
    if (quotes === 'text' || looksLikeOther(heap, start, end)) return putQuoted(out, at, heap, start, end)
    for (let from = start, to = at; from < end; from += 1, to += 1) {
      const byte = heap[from] ?? 0
      if (special[byte] === 1) return putQuoted(out, at, heap, start, end)
      out[to] = byte
    }
    return at + end - start
  }

  /** As `putText`, of a heap in which nothing needs quotes. */
  function putPlainText(out: Buffer, at: number, heap: Uint8Array, start: number, end: number): number {
    if (start > end || end > heap.length) heapRange(heap, start, end)
    if (quotes === 'text' || looksLikeOther(heap, start, end)) return putQuoted(out, at, heap, start, end)
    const shift = at - start
    for (let from = start; from < end; from += 1) out[from + shift] = heap[from] ?? 0
    return end + shift
  }

  /** Whether anything in a heap needs quotes: looking once for a column is cheaper than at every byte of it. */
  function hasSpecial(heap: Uint8Array): boolean {
    return specialBytes.some((byte) => heap.includes(byte))
  }

  /** Whether a text would be taken for NULL or a blob without quotes. The empty text never stands without. */
  function looksLikeOther(heap: Uint8Array, start: number, end: number): boolean {
    if (end === start) return true
    return (
      (nullBytes.length === end - start && beginsWith(heap, start, end, nullBytes)) ||
      (prefix.length > 0 && beginsWith(heap, start, end, prefix))
    )
  }

  function putQuoted(out: Buffer, at: number, heap: Uint8Array, start: number, end: number): number {
    let to = at
    out[to++] = QUOTE
    for (let from = start; from < end; from += 1) {
      const byte = heap[from] ?? 0
      out[to++] = byte
      if (byte === QUOTE) out[to++] = QUOTE
    }
    out[to++] = QUOTE
    return to
  }

  function putBlob(out: Buffer, at: number, heap: Uint8Array, start: number, end: number): number {
    if (start > end || end > heap.length) heapRange(heap, start, end)
    let to = at + prefix.copy(out, at)
    // Without a prefix nothing else tells an empty blob from NULL.
    if (start === end && prefix.length === 0) return putQuoted(out, at, heap, start, end)
    for (let from = start; from < end; from += 1) {
      const byte = heap[from] ?? 0
      out[to++] = HEX_DIGITS[byte >> 4] ?? 0
      out[to++] = HEX_DIGITS[byte & 15] ?? 0
    }
    return to
  }

  function title(name: string): string {
    const plain = name !== '' && !/["\r\n]/.test(name) && !name.includes(separator)
    return plain ? name : `"${name.replaceAll('"', '""')}"`
  }

  return {
    begin: () => (bom ? UTF8_MARK : '') + (header ? `${names.map(title).join(separator)}\n` : ''),
    rows(chunk) {
      const out = Buffer.allocUnsafe(bound(chunk))
      const write = writers(chunk, out)
      let at = 0
      for (let row = 0; row < chunk.rowCount; row += 1) {
        for (let index = 0; index < write.length; index += 1) {
          if (index > 0) out[at++] = separatorByte
          at = write[index]?.(row, at) ?? at
        }
        out[at++] = LINE_FEED
      }
      return out.subarray(0, at)
    },
    end: () => '',
  }
}

function beginsWith(heap: Uint8Array, start: number, end: number, head: Buffer): boolean {
  if (end - start < head.length) return false
  for (let index = 0; index < head.length; index += 1) {
    if (heap[start + index] !== head[index]) return false
  }
  return true
}

/** The bytes of all values together: in a damaged chunk they may lie over each other. */
function heapInUse(column: ChunkColumn & { heap: Uint8Array }, rows: number): number {
  if (column.form !== FORM.mixed) return column.heap.length
  let bytes = 0
  for (let row = 0; row < rows; row += 1) {
    if ((column.tags[row] ?? 0) >= TAG.text) bytes += column.places[row * 2 + 1] ?? 0
  }
  return bytes
}

/** For short texts a loop is three times as fast as the buffer's own `write`. */
function putAscii(out: Buffer, at: number, text: string): number {
  for (let index = 0; index < text.length; index += 1) out[at + index] = text.charCodeAt(index)
  return at + text.length
}

/** @param value within 32 bits. */
function putInteger(out: Buffer, at: number, value: number): number {
  let to = at
  let rest = value >>> 0
  if (value < 0) {
    out[to++] = MINUS
    rest = -value >>> 0
  }
  let digits = 1
  for (let limit = 10; rest >= limit; limit *= 10) digits += 1
  for (let place = to + digits - 1; place >= to; place -= 1) {
    // Without a sign 32 bits hold it, so that this is a division of integers and not of reals.
    const tenth = (rest / 10) >>> 0
    out[place] = ZERO + rest - tenth * 10
    rest = tenth
  }
  return to + digits
}
