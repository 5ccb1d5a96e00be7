import type { ColumnInfo } from '#contract/run.ts'
import { csvFormat } from '#kit/formats/csv-format.ts'
import { jsonFormat } from '#kit/formats/json-format.ts'
import { jsonLinesFormat } from '#kit/formats/json-lines-format.ts'
import { markdownFormat } from '#kit/formats/markdown-format.ts'
import type { RowFormat } from '#kit/formats/row-format.ts'
import { tableFormat } from './table-format.ts'

export const formatNames = ['table', 'csv', 'json', 'jsonl', 'markdown'] as const
export type FormatName = (typeof formatNames)[number]

/** Starts writing a result. @param isFirst whether none was written before it. */
export function rowFormat(name: FormatName, columns: readonly ColumnInfo[], isFirst: boolean): RowFormat {
  const names = columns.map((column) => column.name)
  switch (name) {
    case 'table':
      return tableFormat(names, isFirst)
    case 'csv':
      return csvFormat(names)
    case 'json':
      return jsonFormat(names)
    case 'jsonl':
      return jsonLinesFormat(names)
    case 'markdown':
      return markdownFormat(names, isFirst)
    default:
      return name satisfies never
  }
}
