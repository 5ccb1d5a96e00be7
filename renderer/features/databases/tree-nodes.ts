import type { DatabaseEntry, TableInfo } from '#contract/database.ts'
import type { SchemaState } from '../../ipc/schemas.ts'

type Column = TableInfo['columns'][number]

/** A line of the tree. `key` is the same for the same thing however the tree is unfolded. */
export type TreeNode =
  | {
      readonly kind: 'database'
      readonly key: string
      readonly level: 1
      readonly open: boolean
      readonly entry: DatabaseEntry
    }
  | {
      readonly kind: 'table'
      readonly key: string
      readonly level: 2
      readonly open: boolean
      readonly entry: DatabaseEntry
      readonly table: TableInfo
    }
  | {
      readonly kind: 'column'
      readonly key: string
      readonly level: 3
      readonly column: Column
      /** The table that it refers to. */
      readonly refersTo: string | undefined
    }
  /** Something to say in place of tables. */
  | { readonly kind: 'note'; readonly key: string; readonly level: 2; readonly note: Note }

export type Note =
  | { readonly kind: 'loading' }
  | { readonly kind: 'no-tables' }
  | { readonly kind: 'failed'; readonly message: string }

/** The lines that are unfolded, from top to bottom. */
export function treeNodes(
  databases: readonly DatabaseEntry[],
  schemas: ReadonlyMap<string, SchemaState>,
  unfolded: ReadonlySet<string>,
): readonly TreeNode[] {
  const nodes: TreeNode[] = []
  for (const entry of databases) {
    const key = databaseKey(entry.path)
    const open = unfolded.has(key)
    nodes.push({ kind: 'database', key, level: 1, open, entry })
    if (open) nodes.push(...underDatabase(entry, schemas.get(entry.path), unfolded))
  }
  return nodes
}

export function databaseKey(path: string): string {
  return JSON.stringify([path])
}

function underDatabase(
  entry: DatabaseEntry,
  state: SchemaState | undefined,
  unfolded: ReadonlySet<string>,
): readonly TreeNode[] {
  const note = (what: Note): TreeNode => ({
    kind: 'note',
    key: JSON.stringify([entry.path, what.kind, 'note']),
    level: 2,
    note: what,
  })
  if (!state || state.kind === 'loading') return [note({ kind: 'loading' })]
  if (state.kind === 'failed') return [note(state)]
  if (state.schema.tables.length === 0) return [note({ kind: 'no-tables' })]
  return state.schema.tables.flatMap((table): TreeNode[] => {
    const key = JSON.stringify([entry.path, table.name])
    const open = unfolded.has(key)
    const node: TreeNode = { kind: 'table', key, level: 2, open, entry, table }
    return open ? [node, ...underTable(entry, table)] : [node]
  })
}

function underTable(entry: DatabaseEntry, table: TableInfo): readonly TreeNode[] {
  return table.columns.map((column) => ({
    kind: 'column',
    key: JSON.stringify([entry.path, table.name, column.name]),
    level: 3,
    column,
    refersTo: table.foreignKeys.find(({ from }) => from === column.name)?.table,
  }))
}

/** Where the keyboard goes in the tree, as trees do it. */
export type TreeMove =
  | { readonly kind: 'go'; readonly index: number }
  | { readonly kind: 'unfold'; readonly key: string }
  | { readonly kind: 'fold'; readonly key: string }

/** What an arrow key does on a line; undefined when the key is none of the tree's. */
export function treeMove(nodes: readonly TreeNode[], index: number, key: string): TreeMove | undefined {
  const node = nodes[index]
  const go = (to: number): TreeMove => ({ kind: 'go', index: Math.min(Math.max(0, to), nodes.length - 1) })
  switch (key) {
    case 'ArrowDown':
      return go(index + 1)
    case 'ArrowUp':
      return go(index - 1)
    case 'Home':
      return go(0)
    case 'End':
      return go(nodes.length - 1)
    case 'ArrowRight':
      if (!node || !('open' in node)) return undefined
      return node.open ? go(index + 1) : { kind: 'unfold', key: node.key }
    case 'ArrowLeft': {
      if (!node) return undefined
      if ('open' in node && node.open) return { kind: 'fold', key: node.key }
      const parent = nodes.slice(0, index).findLastIndex(({ level }) => level < node.level)
      return parent === -1 ? undefined : go(parent)
    }
    default:
      return undefined
  }
}

/** A name in double quotes, as SQL wants names that may be anything. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A query for every row of a table. */
export function selectAll(table: string): string {
  return `SELECT * FROM ${quoteName(table)}`
}

/** A query that names every column of a table. */
export function selectColumns(table: TableInfo): string {
  const columns = table.columns.map(({ name }) => quoteName(name)).join(', ')
  return `SELECT ${columns || '*'}\nFROM ${quoteName(table.name)}`
}
