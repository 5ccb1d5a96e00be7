import type { TableInfo } from '#contract/database.ts'
import type { ImportColumn, ImportPreview, ImportWork } from '#contract/transfer.ts'
import { fullName } from '../../sql/table-sql.ts'

/** Where rows go, as the form has it. */
export type ImportTarget =
  | { readonly kind: 'new'; readonly table: string }
  | { readonly kind: 'existing'; readonly table: TableInfo | undefined }

/** Why an import cannot be started yet. */
export type ImportGap = 'table' | 'column' | 'twice' | 'exists'

/** The name for a table with the rows of a file. */
export function tableName(file: string): string {
  const name = file.split(/[/\\]/u).at(-1) ?? ''
  return name.replace(/\.(csv|tsv|txt|jsonl|ndjson)$/iu, '')
}

/**
 * Columns as the preview has found them, named as those of a table that is there: by their name in any case, and
 * otherwise not at all.
 */
export function columnsFor(preview: ImportPreview, table: TableInfo | undefined): readonly ImportColumn[] {
  return preview.columns.map(({ name, type }) => {
    if (!table) return { name, type }
    const same = table.columns.find((column) => column.name.toLowerCase() === name.toLowerCase())
    return { name: same?.name ?? '', type }
  })
}

/** What is still missing or wrong. @param tables names that a new table cannot have. */
export function importGap(
  target: ImportTarget,
  columns: readonly ImportColumn[],
  tables: readonly string[],
): ImportGap | undefined {
  if (target.kind === 'new' ? target.table.trim() === '' : !target.table) return 'table'
  if (
    target.kind === 'new' &&
    tables.some((name) => name.toLowerCase() === target.table.trim().toLowerCase())
  )
    return 'exists'
  if (columns.some(({ name }) => name.trim() === '')) return 'column'
  const names = new Set(columns.map(({ name }) => name.toLowerCase()))
  return names.size < columns.length ? 'twice' : undefined
}

/** The work that a form without gaps describes. */
export function importWork(
  place: { readonly database: string; readonly file: string },
  preview: ImportPreview,
  target: ImportTarget,
  columns: readonly ImportColumn[],
): ImportWork {
  const table = target.kind === 'new' ? target.table.trim() : target.table ? fullName(target.table) : ''
  return {
    kind: 'import',
    ...place,
    table,
    create: target.kind === 'new',
    format: preview.format,
    columns: [...columns],
  }
}
