import { isUtf8 } from 'node:buffer'

const QUOTE = 0x22
const LINE_FEED = 0x0a
const RETURN = 0x0d
const FIRST_NON_ASCII = 0x80
/** Room for a row at the start; it grows with the longest one. */
const FIRST_ROOM_BYTES = 64 * 1024
/** A longer row is one quote that was never closed; SQLite could hold little more. */
const MAX_ROW_BYTES = 256 * 1024 * 1024

/** One field of a row. */
export interface Field {
  readonly text: string
  /** It stood in quotes, so that it is text whatever it looks like. */
  readonly quoted: boolean
}

/** A row, and the line that it begins in, from 1. */
export interface CsvRow {
  readonly fields: Field[]
  readonly line: number
}

/** What cannot be read as CSV, with the place. */
export class MalformedRow extends Error {
  /** From 1; of the row's beginning. */
  readonly line: number

  constructor(message: string, line: number) {
    super(message)
    this.name = 'MalformedRow'
    this.line = line
  }
}

export interface CsvParser {
  /** Reads on; every row that is whole is handed out. @throws MalformedRow */
  push(bytes: Uint8Array): void
  /** Hands out a last row without a line end. @throws MalformedRow for one that ends within quotes. */
  end(): void
}

/**
 * Reads comma-separated values after RFC 4180, a piece at a time. Rows end in a line feed, a return, or both; a quote
 * within a field that does not begin with one is an ordinary character. A parser of our own, because a value has to be
 * told from one in quotes, and bytes that are not UTF-8 from a replacement character.
 * https://www.rfc-editor.org/rfc/rfc4180
 * @param onRow takes every row, blank lines too, as rows of one empty field.
 */
export function parseCsv(separator: string, onRow: (row: CsvRow) => void): CsvParser {
  const separatorByte = separator.charCodeAt(0)
  let room = Buffer.allocUnsafe(FIRST_ROOM_BYTES)
  /** Of the row's values, without their quotes, in `room`. */
  let filled = 0
  let fieldStart = 0
  let nonAscii = 0
  let fields: Field[] = []
  let line = 1
  let rowLine = 1
  let state: 'start' | 'plain' | 'quoted' | 'closed' = 'start'
  let afterReturn = false
  let anything = false

  function put(byte: number): void {
    if (filled === room.length) grow()
    room[filled++] = byte
    nonAscii |= byte
  }

  function grow(): void {
    if (filled >= MAX_ROW_BYTES) {
      throw new MalformedRow('the row is longer than 256 MB; a quote may not have been closed', rowLine)
    }
    const larger = Buffer.allocUnsafe(room.length * 2)
    room.copy(larger)
    room = larger
  }

  function endField(): void {
    const isText = nonAscii >= FIRST_NON_ASCII
    if (isText && !isUtf8(room.subarray(fieldStart, filled))) {
      throw new MalformedRow(
        `field ${fields.length + 1} is not UTF-8. The file may be in another encoding: convert it first, for example with iconv -f WINDOWS-1252 -t UTF-8`,
        rowLine,
      )
    }
    const text = isText
      ? room.toString('utf8', fieldStart, filled)
      : room.toString('latin1', fieldStart, filled)
    fields.push({ text, quoted: state === 'quoted' || state === 'closed' })
    fieldStart = filled
    nonAscii = 0
    state = 'start'
  }

  function endRow(): void {
    endField()
    const row = { fields, line: rowLine }
    fields = []
    filled = 0
    fieldStart = 0
    anything = false
    rowLine = line
    onRow(row)
  }

  return {
    push(bytes) {
      for (const byte of bytes) {
        if (afterReturn) {
          afterReturn = false
          if (byte === LINE_FEED && state !== 'quoted') continue
        }
        anything = true
        if (state === 'quoted') {
          if (byte === QUOTE) state = 'closed'
          else {
            if (byte === LINE_FEED) line += 1
            put(byte)
          }
        } else if (byte === separatorByte) endField()
        else if (byte === LINE_FEED || byte === RETURN) {
          line += 1
          afterReturn = byte === RETURN
          endRow()
        } else if (byte === QUOTE && state === 'start') state = 'quoted'
        else if (byte === QUOTE && state === 'closed') {
          put(QUOTE)
          state = 'quoted'
        } else if (state === 'closed') {
          throw new MalformedRow(
            `field ${fields.length + 1} goes on behind its closing quote; a quote within a value must be written twice`,
            rowLine,
          )
        } else {
          state = 'plain'
          put(byte)
        }
      }
    },
    end() {
      if (state === 'quoted') {
        throw new MalformedRow(`the quote that opens field ${fields.length + 1} is never closed`, rowLine)
      }
      if (anything) endRow()
    },
  }
}
