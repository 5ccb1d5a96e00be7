import { setImmediate as nextTurn } from 'node:timers/promises'
import { cellText } from '#contract/chunk/cell-text.ts'
import { MAX_COPY_BYTES } from '#contract/service.ts'
import { failed } from '#kit/request-failed.ts'
import type { ChunkCache } from './chunk-cache.ts'
import { chunksOf, namingDamage } from './chunks-of.ts'
import type { Result } from './open-result.ts'

/** Values turned into text before the loop turns: about 2 ms. */
const VALUES_PER_TURN = 4_096
const UNIT_SEPARATOR = '\t'
/** Spreadsheets take it on every system, and an editor shows no stray carriage returns. */
const LINE_END = '\n'

export interface CopyRange {
  readonly from: number
  readonly count: number
  /** Columns in the order in which they are copied. */
  readonly columns: readonly number[]
  /** Begin with a line of the columns' names. */
  readonly header: boolean
}

/**
 * Rows as tab-separated text, as spreadsheets paste it. Every line but the last is ended; NULL is empty.
 * @throws RequestFailed `invalid-params` when it is more than MAX_COPY_BYTES, or a column is not there.
 */
export function copyRows(
  result: Result,
  cache: ChunkCache,
  range: CopyRange,
  signal: AbortSignal,
): Promise<string> {
  return namingDamage(result, async () => {
    const { columns, header } = range
    const missing = columns.find((column) => column >= result.columns.length)
    if (missing !== undefined) {
      throw failed(
        'invalid-params',
        `There is no column ${missing + 1} in this result of ${result.columns.length}.`,
      )
    }
    const lines: string[] = []
    let bytes = 0
    function add(fields: readonly string[]): void {
      const line = fields.map(quoted).join(UNIT_SEPARATOR)
      bytes += Buffer.byteLength(line) + LINE_END.length
      if (bytes > MAX_COPY_BYTES) {
        throw failed(
          'invalid-params',
          'The selection is too long for the clipboard: more than 16 MB. Select fewer rows.',
        )
      }
      lines.push(line)
    }

    if (header) add(columns.map((column) => result.columns[column]?.name ?? ''))
    const rowsPerTurn = Math.max(1, Math.floor(VALUES_PER_TURN / columns.length))
    for await (const { chunk, from, count } of chunksOf(result, cache, range.from, range.count)) {
      for (let row = from; row < from + count; row += 1) {
        add(columns.map((column) => cellText(chunk.cell(row, column), MAX_COPY_BYTES)))
        if ((row - from) % rowsPerTurn === rowsPerTurn - 1) {
          await nextTurn()
          signal.throwIfAborted()
        }
      }
    }
    return lines.join(LINE_END)
  })
}

/** A field with a tab, a line break or a quote in it goes into quotes, in which a quote is written twice (RFC 4180). */
function quoted(field: string): string {
  return /[\t\n\r"]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field
}
