import type { DatabaseEntry, IndexInfo, TableInfo } from '#contract/database.ts'
import type { SchemaState } from '../../ipc/schemas.ts'

type Column = TableInfo['columns'][number]
type Trigger = NonNullable<TableInfo['triggers']>[number]

/** What every line of the tree has. */
export interface Line {
  /** The same for the same thing however the tree is unfolded. */
  readonly key: string
  /** How deep it lies, from 1. */
  readonly level: number
  readonly entry: DatabaseEntry
}

/** A line of the tree. */
export type TreeNode =
  | (Line & { readonly kind: 'database'; readonly open: boolean })
  | (Line & {
      readonly kind: 'schema'
      readonly open: boolean
      readonly name: string
      readonly tables: number
    })
  | (Line & { readonly kind: 'table'; readonly open: boolean; readonly table: TableInfo })
  | (Line & {
      readonly kind: 'column'
      readonly column: Column
      /** The table that it refers to, as the engine names it. */
      readonly refersTo: string | undefined
      readonly table: TableInfo
    })
  | (Line & { readonly kind: 'index'; readonly index: IndexInfo })
  | (Line & { readonly kind: 'trigger'; readonly trigger: Trigger })
  /** Something to say in place of tables. */
  | (Line & { readonly kind: 'note'; readonly note: Note })

export type TableNode = Extract<TreeNode, { kind: 'table' }>

export type Note =
  | { readonly kind: 'loading' }
  | { readonly kind: 'no-tables' }
  | { readonly kind: 'no-match' }
  | { readonly kind: 'password' }
  | { readonly kind: 'failed'; readonly message: string }

/** What the tree is drawn from. */
export interface TreeParts {
  readonly databases: readonly DatabaseEntry[]
  readonly schemas: ReadonlyMap<string, SchemaState>
  /** Keys of the lines that are unfolded. */
  readonly unfolded: ReadonlySet<string>
  /** Only tables and columns with this in their name, whatever is unfolded; all when it is empty. */
  readonly filter: string
}

/** The lines that are there to be seen, from top to bottom. */
export function treeNodes(parts: TreeParts): readonly TreeNode[] {
  const wanted = parts.filter.trim().toLowerCase()
  return parts.databases.flatMap((entry): TreeNode[] => {
    const key = databaseKey(entry.path)
    const open = parts.unfolded.has(key) || wanted !== ''
    const node: TreeNode = { kind: 'database', key, level: 1, open, entry }
    return open ? [node, ...underDatabase(entry, parts, wanted)] : [node]
  })
}

export function databaseKey(path: string): string {
  return JSON.stringify([path])
}

export function schemaKey(path: string, schema: string): string {
  return JSON.stringify([path, schema, 'schema'])
}

export function tableKey(path: string, { schema = '', name }: Pick<TableInfo, 'schema' | 'name'>): string {
  return JSON.stringify([path, schema, name])
}

function underDatabase(entry: DatabaseEntry, parts: TreeParts, wanted: string): readonly TreeNode[] {
  const state = parts.schemas.get(entry.path)
  const note = (what: Note): TreeNode => ({
    kind: 'note',
    key: JSON.stringify([entry.path, what.kind, 'note']),
    level: 2,
    entry,
    note: what,
  })
  if (!state || state.kind === 'loading') return [note({ kind: 'loading' })]
  if (state.kind === 'failed') {
    return [note(state.needsPassword ? { kind: 'password' } : { kind: 'failed', message: state.message })]
  }
  const { tables } = state.schema
  if (tables.length === 0) return [note({ kind: 'no-tables' })]
  const fitting = wanted === '' ? tables : tables.filter((table) => fits(table, wanted))
  if (fitting.length === 0) return [note({ kind: 'no-match' })]
  // A server's only schema goes without saying.
  const names = new Set(tables.map(({ schema }) => schema))
  if (names.size === 1) return underSchema(entry, fitting, 2, parts, wanted)
  const bySchema = new Map<string, TableInfo[]>()
  for (const table of fitting) {
    const { schema = '' } = table
    const own = bySchema.get(schema)
    if (own) own.push(table)
    else bySchema.set(schema, [table])
  }
  return [...bySchema].flatMap(([name, own]): TreeNode[] => {
    const key = schemaKey(entry.path, name)
    const open = parts.unfolded.has(key) || wanted !== ''
    const node: TreeNode = { kind: 'schema', key, level: 2, open, entry, name, tables: own.length }
    return open ? [node, ...underSchema(entry, own, 3, parts, wanted)] : [node]
  })
}

function fits(table: TableInfo, wanted: string): boolean {
  return hasName(table, wanted) || table.columns.some((column) => hasName(column, wanted))
}

function hasName({ name }: { readonly name: string }, wanted: string): boolean {
  return name.toLowerCase().includes(wanted)
}

function underSchema(
  entry: DatabaseEntry,
  tables: readonly TableInfo[],
  level: number,
  { unfolded }: TreeParts,
  wanted: string,
): readonly TreeNode[] {
  return tables.flatMap((table): TreeNode[] => {
    const key = tableKey(entry.path, table)
    // A table that is there for one of its columns shows that.
    const onlyFitting = wanted !== '' && !hasName(table, wanted)
    const open = unfolded.has(key) || onlyFitting
    const node: TreeNode = { kind: 'table', key, level, open, entry, table }
    if (!open) return [node]
    const columns = onlyFitting ? table.columns.filter((each) => hasName(each, wanted)) : table.columns
    return [node, ...underTable(node, columns, onlyFitting)]
  })
}

function underTable(node: TableNode, columns: readonly Column[], columnsOnly: boolean): readonly TreeNode[] {
  const { entry, table } = node
  const line = (kind: TreeNode['kind'], name: string): Line => ({
    key: JSON.stringify([node.key, kind, name]),
    level: node.level + 1,
    entry,
  })
  const ofColumns = columns.map((column): TreeNode => ({
    ...line('column', column.name),
    kind: 'column',
    column,
    table,
    refersTo: table.foreignKeys.find(({ from }) => from === column.name)?.table,
  }))
  if (columnsOnly) return ofColumns
  return [
    ...ofColumns,
    ...(table.indexes ?? []).map((index): TreeNode => ({
      ...line('index', index.name),
      kind: 'index',
      index,
    })),
    ...(table.triggers ?? []).map((trigger): TreeNode => ({
      ...line('trigger', trigger.name),
      kind: 'trigger',
      trigger,
    })),
  ]
}

/** The table that a foreign key names: `name`, or `schema.name` where that is another schema. */
export function referredTable(
  tables: readonly TableInfo[],
  from: TableInfo,
  name: string,
): TableInfo | undefined {
  const isNamed = (table: TableInfo): boolean =>
    table.schema === undefined
      ? table.name.toLowerCase() === name.toLowerCase()
      : table.schema === from.schema
        ? table.name === name
        : `${table.schema}.${table.name}` === name
  return tables.find(isNamed)
}
