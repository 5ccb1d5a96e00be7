import type { ExportFormat } from '#contract/transfer.ts'

/** What the form for an export has chosen; options of other formats are kept while one looks at them. */
export interface ExportChoice {
  kind: ExportFormat['kind']
  header: boolean
  bom: boolean
  nullText: string
  quotes: 'needed' | 'text'
  table: string
}

/** In the order in which they are offered. */
export const exportKinds = ['csv', 'tsv', 'json', 'jsonl', 'markdown', 'sql', 'xlsx'] as const

/** Endings of files, by format. */
const ENDINGS: Readonly<Record<ExportFormat['kind'], string>> = {
  csv: 'csv',
  tsv: 'tsv',
  json: 'json',
  jsonl: 'jsonl',
  markdown: 'md',
  sql: 'sql',
  xlsx: 'xlsx',
}

/** The format that a choice comes to. */
export function formatOf({ kind, header, bom, nullText, quotes, table }: ExportChoice): ExportFormat {
  switch (kind) {
    case 'csv':
    case 'tsv':
      return { kind, header, bom, nullText, quotes }
    case 'json':
    case 'jsonl':
    case 'markdown':
      return { kind }
    case 'sql':
      return { kind, table }
    case 'xlsx':
      return { kind, header }
    default:
      return kind satisfies never
  }
}

/** Characters that no system's file names are without trouble for. */
const UNFIT = /[\u0000-\u001f<>:"/\\|?*]+/gu
/** Longer names end with an ellipsis in every list. */
const MAX_NAME_CHARACTERS = 80

/** A file's name for rows of a table. */
export function fileName(table: string, kind: ExportFormat['kind']): string {
  const base = table.replace(UNFIT, '_').slice(0, MAX_NAME_CHARACTERS).trim()
  return `${base === '' ? 'result' : base}.${ENDINGS[kind]}`
}

/** A path with the ending of another format, where it had the ending of one. */
export function withEnding(path: string, kind: ExportFormat['kind']): string {
  const ending = Object.values(ENDINGS).find((each) => path.toLowerCase().endsWith(`.${each}`))
  return ending ? `${path.slice(0, -ending.length)}${ENDINGS[kind]}` : path
}
