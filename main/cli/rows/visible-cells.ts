import { realText } from '#contract/chunk/cell-text.ts'
import type { CellFormat } from '#kit/formats/cell-reader.ts'

/** A longer value would push all others off the screen; other formats have it whole. */
const MAX_SHOWN = 200
/** What moves the cursor, colours the terminal or reverses the reading direction, if it got there. */
const UNSEEN = /[\p{Cc}\u2028\u2029\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** Text of a database as one line of a terminal. */
export function visible(text: string): string {
  const shown = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 1)}…` : text
  return shown.replace(
    UNSEEN,
    (unit) => SHORT[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Values for a person to read. */
export const visibleCells: CellFormat = {
  null: 'NULL',
  integer: String,
  real: realText,
  // Four bytes for a character at most.
  text: (heap, start, end) =>
    visible(heap.toString('utf8', start, Math.min(end, start + (MAX_SHOWN + 1) * 4))),
  blob: (bytes) => visible(`x'${bytes.subarray(0, MAX_SHOWN).toString('hex')}'`),
}
