import { expect, test } from 'vitest'
import type { DatabaseEntry, Schema } from '#contract/database.ts'
import type { SchemaState } from '../../ipc/schemas.ts'
import { treeMove } from './tree-move.ts'
import { databaseKey, referredTable, schemaKey, tableKey, treeNodes } from './tree-nodes.ts'

const entry: DatabaseEntry = { path: '/data/shop.db', name: 'shop.db', mode: 'read-only', sample: false }
const column = (name: string, primaryKey = 0) => ({ name, declaredType: 'TEXT', notNull: false, primaryKey })
const schema: Schema = {
  tables: [
    {
      name: 'orders',
      kind: 'table',
      columns: [column('id', 1), column('customer_id')],
      foreignKeys: [{ from: 'customer_id', table: 'customers', to: 'id' }],
    },
    { name: 'totals', kind: 'view', columns: [column('month')], foreignKeys: [] },
  ],
  sqliteVersion: '3.50.0',
  bytes: 4096,
  journalMode: 'delete',
}
const ordersKey = tableKey(entry.path, { name: 'orders' })
const open = new Set([databaseKey(entry.path), ordersKey])
const lines = (state: SchemaState | undefined, unfolded: ReadonlySet<string>, filter = '') =>
  treeNodes({
    databases: [entry],
    schemas: new Map(state ? [[entry.path, state]] : []),
    unfolded,
    filter,
  })

test('a folded database is one line', () => {
  expect(lines({ kind: 'ready', schema }, new Set()).map(({ kind }) => kind)).toEqual(['database'])
})

test('unfolded, tables and columns follow in their order, with keys and what they refer to', () => {
  const nodes = lines({ kind: 'ready', schema }, open)
  expect(nodes.map(({ kind, level }) => [kind, level])).toEqual([
    ['database', 1],
    ['table', 2],
    ['column', 3],
    ['column', 3],
    ['table', 2],
  ])
  expect(nodes[3]).toMatchObject({ refersTo: 'customers', column: { name: 'customer_id' } })
})

test('what is being read, is empty or cannot be read says so in place of tables', () => {
  const notes = (state: SchemaState) => lines(state, open)[1]
  expect(notes({ kind: 'loading' })).toMatchObject({ kind: 'note', note: { kind: 'loading' } })
  expect(notes({ kind: 'failed', message: 'It is locked.', needsPassword: false })).toMatchObject({
    note: { message: 'It is locked.' },
  })
  expect(notes({ kind: 'failed', message: 'No.', needsPassword: true })).toMatchObject({
    note: { kind: 'password' },
  })
  expect(notes({ kind: 'ready', schema: { ...schema, tables: [] } })).toMatchObject({
    note: { kind: 'no-tables' },
  })
  expect(lines(undefined, open)[1]).toMatchObject({ note: { kind: 'loading' } })
})

test('arrows unfold, fold, and go to what is above', () => {
  const nodes = lines({ kind: 'ready', schema }, open)
  expect(treeMove(nodes, 1, 'ArrowLeft')).toEqual({ kind: 'fold', key: ordersKey })
  expect(treeMove(nodes, 2, 'ArrowLeft')).toEqual({ kind: 'go', index: 1 })
  expect(treeMove(nodes, 4, 'ArrowRight')).toMatchObject({ kind: 'unfold' })
  expect(treeMove(nodes, 0, 'ArrowRight')).toEqual({ kind: 'go', index: 1 })
  expect(treeMove(nodes, 4, 'ArrowDown')).toEqual({ kind: 'go', index: 4 })
  expect(treeMove(nodes, 3, 'Home')).toEqual({ kind: 'go', index: 0 })
  expect(treeMove(nodes, 3, 'x')).toBeUndefined()
})

test('indexes and triggers follow the columns of an unfolded table', () => {
  const [orders] = schema.tables
  if (!orders) throw new Error('There is no table.')
  const whole = {
    ...orders,
    indexes: [
      { name: 'by_customer', unique: false, partial: false, origin: 'created' as const, columns: [] },
    ],
    triggers: [{ name: 'log_it', sql: 'CREATE TRIGGER …' }],
  }
  const nodes = lines({ kind: 'ready', schema: { ...schema, tables: [whole] } }, open)
  expect(nodes.map(({ kind }) => kind)).toEqual(['database', 'table', 'column', 'column', 'index', 'trigger'])
})

test('the tables of a server are under their schemas; an only schema goes without saying', () => {
  const table = (inSchema: string, name: string) => ({
    schema: inSchema,
    name,
    kind: 'table' as const,
    columns: [],
    foreignKeys: [],
  })
  const several = { ...schema, tables: [table('public', 'a'), table('sales', 'a'), table('sales', 'b')] }
  const unfolded = new Set([databaseKey(entry.path), schemaKey(entry.path, 'sales')])
  const nodes = lines({ kind: 'ready', schema: several }, unfolded)
  expect(nodes.map(({ kind, level }) => [kind, level])).toEqual([
    ['database', 1],
    ['schema', 2],
    ['schema', 2],
    ['table', 3],
    ['table', 3],
  ])
  const single = { ...schema, tables: [table('public', 'a')] }
  expect(lines({ kind: 'ready', schema: single }, open).map(({ kind }) => kind)).toEqual([
    'database',
    'table',
  ])
  const [inPublic, inSales, other] = several.tables
  if (!inPublic || !inSales || !other) throw new Error('There are too few tables.')
  expect(referredTable(several.tables, other, 'a')).toBe(inSales)
  expect(referredTable(several.tables, other, 'public.a')).toBe(inPublic)
})

test('a filter finds tables by their name and by those of their columns, however the tree is folded', () => {
  const found = (filter: string) =>
    lines({ kind: 'ready', schema }, new Set(), filter).map((node) =>
      node.kind === 'table' ? node.table.name : node.kind === 'column' ? node.column.name : node.kind,
    )
  expect(found('ORDER')).toEqual(['database', 'orders'])
  expect(found('customer')).toEqual(['database', 'orders', 'customer_id'])
  expect(found('nowhere')).toEqual(['database', 'note'])
})

test('a database of 10,000 tables is laid out and filtered', () => {
  const tables = Array.from({ length: 10_000 }, (_, index) => ({
    ...schema.tables[0],
    name: `table_${index}`,
    kind: 'table' as const,
    columns: Array.from({ length: 10 }, (_each, place) => column(`column_${place}`)),
    foreignKeys: [],
  }))
  expect(lines({ kind: 'ready', schema: { ...schema, tables } }, open)).toHaveLength(10_001)
  expect(lines({ kind: 'ready', schema: { ...schema, tables } }, open, 'table_9999')).toHaveLength(2)
})
