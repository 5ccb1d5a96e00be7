import type { ExportFormat } from '#contract/transfer.ts'
import { csvFormat } from './csv-format.ts'
import { jsonFormat } from './json-format.ts'
import { jsonLinesFormat } from './json-lines-format.ts'
import { markdownFormat } from './markdown-format.ts'
import type { RowFormat } from './row-format.ts'
import { sqlFormat } from './sql-format.ts'

/** Before the hexadecimal digits of a blob in CSV and TSV, as PostgreSQL writes bytes. */
export const BLOB_PREFIX = '\\x'

/** The writer of a format that is a stream of text. */
export function textFormat(
  format: Exclude<ExportFormat, { kind: 'xlsx' }>,
  names: readonly string[],
): RowFormat {
  switch (format.kind) {
    case 'csv':
    case 'tsv': {
      const { kind, header, bom, nullText, quotes } = format
      const separator = kind === 'csv' ? ',' : '\t'
      return csvFormat(names, { separator, header, bom, nullText, quotes, blobPrefix: BLOB_PREFIX })
    }
    case 'json':
      return jsonFormat(names)
    case 'jsonl':
      return jsonLinesFormat(names)
    case 'markdown':
      return markdownFormat(names, true)
    case 'sql':
      return sqlFormat(names, format.table)
    default:
      return format satisfies never
  }
}
