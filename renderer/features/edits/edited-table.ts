import { engineOf, type TableInfo } from '#contract/database.ts'
import type { MessageKey } from '../../messages/words.ts'
import { quoteName, quoteTable } from '../../sql/table-sql.ts'

/** Names by which a rowid may be read, unless a column has them: https://www.sqlite.org/rowidtable.html */
const ROWID_NAMES = ['rowid', '_rowid_', 'oid']

/** How the rows of a table are told apart. */
export type RowKey =
  | { readonly kind: 'columns'; readonly columns: readonly string[] }
  /** Read beside the columns, after the last. */
  | { readonly kind: 'rowid'; readonly name: string }

/** Why the rows of a table cannot be edited, or how they are found again. */
export type Editability =
  { readonly kind: 'editable'; readonly key: RowKey } | { readonly kind: 'refused'; readonly why: MessageKey }

/** Whether rows of a table can be edited. */
export function editabilityOf(database: string, table: TableInfo): Editability {
  if (table.kind === 'view' || table.kind === 'materialized') return { kind: 'refused', why: 'edits.whyView' }
  if (table.kind === 'virtual') return { kind: 'refused', why: 'edits.whyVirtual' }
  const columns = table.columns
    .filter(({ primaryKey }) => primaryKey > 0)
    .sort((a, b) => a.primaryKey - b.primaryKey)
    .map(({ name }) => name)
  if (columns.length > 0) return { kind: 'editable', key: { kind: 'columns', columns } }
  // Where a server keeps a row is no key: the next change of the row moves it.
  if (engineOf(database) === 'postgres') return { kind: 'refused', why: 'edits.whyNoServerKey' }
  const taken = new Set(table.columns.map(({ name }) => name.toLowerCase()))
  const name = table.withoutRowid === true ? undefined : ROWID_NAMES.find((rowid) => !taken.has(rowid))
  if (name === undefined) return { kind: 'refused', why: 'edits.whyNoKey' }
  return { kind: 'editable', key: { kind: 'rowid', name } }
}

/** The query for a table's rows, and for their rowids where these are their key. */
export function selectForEditing(table: TableInfo, editability: Editability, condition: string): string {
  const names = table.columns.map(({ name }) => quoteName(name))
  const key = editability.kind === 'editable' ? editability.key : undefined
  const selected = key?.kind === 'rowid' ? [...names, key.name] : names
  const where = condition.trim() === '' ? '' : `\nWHERE ${condition.trim()}`
  return `SELECT ${selected.join(', ') || '*'}\nFROM ${quoteTable(table)}${where}${orderFor(table, key, where)}`
}

/**
 * A server gives changed rows another place, so that they would jump to the end of the grid when they are read again. A
 * person who asks for an order or a part has it.
 */
function orderFor({ schema }: TableInfo, key: RowKey | undefined, where: string): string {
  if (schema === undefined || key?.kind !== 'columns' || /\b(order\s+by|limit|offset|fetch)\b/i.test(where)) {
    return ''
  }
  return `\nORDER BY ${key.columns.map(quoteName).join(', ')}`
}
