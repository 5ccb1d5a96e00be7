import { isUtf8 } from 'node:buffer'
import { MalformedRow, type CsvParser } from './parse-csv.ts'

const LINE_FEED = 0x0a
/** A longer line is no row; SQLite could hold little more. */
const MAX_LINE_BYTES = 256 * 1024 * 1024

/** Cuts a file into its lines, a piece at a time. @param onLine takes each, without its end, and its number from 1. */
export function splitLines(onLine: (text: string, line: number) => void): CsvParser {
  let begun: Uint8Array[] = []
  let length = 0
  let line = 1

  function hand(last: Uint8Array): void {
    const bytes = begun.length === 0 ? last : Buffer.concat([...begun, last])
    begun = []
    length = 0
    if (!isUtf8(bytes)) {
      throw new MalformedRow(
        'it is not UTF-8. The file may be in another encoding: convert it first, for example with iconv -f WINDOWS-1252 -t UTF-8',
        line,
      )
    }
    onLine(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString(), line)
    line += 1
  }

  return {
    push(bytes) {
      let start = 0
      for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, start)) {
        hand(bytes.subarray(start, end))
        start = end + 1
      }
      length += bytes.length - start
      if (length > MAX_LINE_BYTES) throw new MalformedRow('the line is longer than 256 MB', line)
      // The piece itself is used again for the next one.
      if (start < bytes.length) begun.push(bytes.slice(start))
    },
    end() {
      if (length > 0) hand(new Uint8Array(0))
    },
  }
}
