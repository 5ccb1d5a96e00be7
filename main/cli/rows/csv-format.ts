import { realText } from '#contract/chunk/cell-text.ts'
import { eachRow, type CellFormat } from './cell-reader.ts'
import type { RowFormat } from './row-format.ts'

/** Fields that hold one of these stand in quotes: RFC 4180, section 2. */
const NEEDS_QUOTES = /[",\r\n]/

/** Every string here holds a byte in each code unit, so that text which is not UTF-8 comes out as it went in. */
const cells: CellFormat = {
  null: '',
  integer: String,
  real: realText,
  text: (heap, start, end) => field(heap.toString('latin1', start, end)),
  blob: (bytes) => field(bytes.toString('hex')),
}

/** Quotes a field; the empty text or blob stands in quotes too, to tell it from NULL. */
function field(text: string): string {
  return text === '' || NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/**
 * Comma-separated values after RFC 4180, with lines that end as those of every other Unix tool do: in a line feed.
 * https://www.rfc-editor.org/rfc/rfc4180
 */
export function csvFormat(names: readonly string[]): RowFormat {
  return {
    begin: () => `${names.map(field).join(',')}\n`,
    rows(chunk) {
      let text = ''
      eachRow(chunk, cells, (row) => (text += `${row.join(',')}\n`))
      return Buffer.from(text, 'latin1')
    },
    end: () => '',
  }
}
