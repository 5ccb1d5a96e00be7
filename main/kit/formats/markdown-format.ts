import { realText } from '#contract/chunk/cell-text.ts'
import { eachRow, type CellFormat } from './cell-reader.ts'
import type { RowFormat } from './row-format.ts'

/** What would end a cell, begin markup or be taken for HTML: https://github.github.com/gfm/#tables-extension- */
const MARKUP = /[\\`*_{}[\]<>()#+!|~&]/g

function escaped(text: string): string {
  return text.replace(MARKUP, (character) => `\\${character}`).replace(/\r\n|\r|\n/g, '<br>')
}

const cells: CellFormat = {
  null: 'NULL',
  integer: String,
  real: realText,
  text: (heap, start, end) => escaped(heap.toString('utf8', start, end)),
  blob: (bytes) => `x'${bytes.toString('hex')}'`,
}

/** A table of GitHub's Markdown; values stand as text, whatever they hold. */
export function markdownFormat(names: readonly string[], isFirst: boolean): RowFormat {
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |\n`
  return {
    begin: () => (isFirst ? '' : '\n') + line(names.map(escaped)) + line(names.map(() => '---')),
    rows(chunk) {
      let text = ''
      eachRow(chunk, cells, (row) => (text += line(row)))
      return text
    },
    end: () => '',
  }
}
