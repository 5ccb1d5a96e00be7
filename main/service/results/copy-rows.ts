import { setImmediate as nextTurn } from 'node:timers/promises'
import { cellText } from '#contract/chunk/cell-text.ts'
import { readChunk, type Chunk } from '#contract/chunk/read.ts'
import { slice } from '#contract/chunk/slice.ts'
import { MAX_COPY_BYTES } from '#contract/service.ts'
import type { CopyFormat } from '#contract/transfer.ts'
import { textFormat } from '#kit/formats/export-format.ts'
import { selectColumns } from '#kit/formats/select-columns.ts'
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
  readonly format: CopyFormat
}

/** Turns rows into text, a few at a time. */
interface CopyWriter {
  readonly begin: string
  rows(chunk: Chunk, from: number, count: number): string
  readonly end: () => string
}

/**
 * Rows as text. Every line but the last is ended.
 * @throws RequestFailed `invalid-params` when it is more than MAX_COPY_BYTES, or a column is not there.
 */
export function copyRows(
  result: Result,
  cache: ChunkCache,
  range: CopyRange,
  signal: AbortSignal,
): Promise<string> {
  return namingDamage(result, async () => {
    const { columns, format } = range
    const missing = columns.find((column) => column >= result.columns.length)
    if (missing !== undefined) {
      throw failed(
        'invalid-params',
        `There is no column ${missing + 1} in this result of ${result.columns.length}.`,
      )
    }
    const pieces: string[] = []
    let bytes = 0
    function add(piece: string): void {
      bytes += Buffer.byteLength(piece)
      if (bytes > MAX_COPY_BYTES) {
        throw failed(
          'invalid-params',
          'The selection is too long for the clipboard: more than 16 MB. Select fewer rows.',
        )
      }
      pieces.push(piece)
    }

    const names = columns.map((column) => result.columns[column]?.name ?? '')
    const writer =
      format.kind === 'tsv' ? cellsAsShown(names, columns, format.header) : asExported(names, range)
    add(writer.begin)
    const rowsPerTurn = Math.max(1, Math.floor(VALUES_PER_TURN / columns.length))
    for await (const { chunk, from, count } of chunksOf(result, cache, range.from, range.count)) {
      for (let row = from; row < from + count; row += rowsPerTurn) {
        add(writer.rows(chunk, row, Math.min(rowsPerTurn, from + count - row)))
        await nextTurn()
        signal.throwIfAborted()
      }
    }
    add(writer.end())
    const text = pieces.join('')
    return text.endsWith(LINE_END) ? text.slice(0, -LINE_END.length) : text
  })
}

/** Cells as spreadsheets paste them: NULL and the empty text are both nothing. */
function cellsAsShown(names: readonly string[], columns: readonly number[], header: boolean): CopyWriter {
  const line = (fields: readonly string[]): string => fields.map(quoted).join(UNIT_SEPARATOR) + LINE_END
  return {
    begin: header ? line(names) : '',
    rows(chunk, from, count) {
      let text = ''
      for (let row = from; row < from + count; row += 1) {
        text += line(columns.map((column) => cellText(chunk.cell(row, column), MAX_COPY_BYTES)))
      }
      return text
    },
    end: () => '',
  }
}

/** A field with a tab, a line break or a quote in it goes into quotes, in which a quote is written twice (RFC 4180). */
function quoted(field: string): string {
  return /[\t\n\r"]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field
}

/** The same text that an export of these rows would have. */
function asExported(names: readonly string[], { columns, format }: CopyRange): CopyWriter {
  const writer = textFormat(
    'header' in format ? { ...format, bom: false, nullText: '', quotes: 'needed' } : format,
    names,
  )
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const asText = (piece: string | Uint8Array): string =>
    typeof piece === 'string' ? piece : decoder.decode(piece)
  // A transaction around a few statements that are pasted somewhere would stand in the way of one that is there.
  const isScript = format.kind === 'sql'
  return {
    begin: isScript ? '' : asText(writer.begin()),
    rows(chunk, from, count) {
      // A value that is cut here is more than the clipboard takes, which is found when the piece is added.
      const rows = readChunk(slice(chunk, from, count, MAX_COPY_BYTES + 1).chunk)
      return asText(writer.rows(selectColumns(rows, columns)))
    },
    end: () => (isScript ? '' : asText(writer.end())),
  }
}
