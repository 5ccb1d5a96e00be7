import { expect, test } from 'vitest'
import type { DatabaseEntry, Schema } from '#contract/database.ts'
import type { SchemaState } from '../../ipc/schemas.ts'
import { databaseKey, quoteName, selectAll, selectColumns, treeMove, treeNodes } from './tree-nodes.ts'

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
const known = (state: SchemaState) => new Map([[entry.path, state]])
const tableKey = JSON.stringify([entry.path, 'orders'])
const open = new Set([databaseKey(entry.path), tableKey])

test('a folded database is one line', () => {
  expect(treeNodes([entry], known({ kind: 'ready', schema }), new Set()).map(({ kind }) => kind)).toEqual([
    'database',
  ])
})

test('unfolded, tables and columns follow in their order, with keys and what they refer to', () => {
  const nodes = treeNodes([entry], known({ kind: 'ready', schema }), open)
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
  const notes = (state: SchemaState) => treeNodes([entry], known(state), open)[1]
  expect(notes({ kind: 'loading' })).toMatchObject({ kind: 'note', note: { kind: 'loading' } })
  expect(notes({ kind: 'failed', message: 'It is locked.' })).toMatchObject({
    note: { message: 'It is locked.' },
  })
  expect(notes({ kind: 'ready', schema: { ...schema, tables: [] } })).toMatchObject({
    note: { kind: 'no-tables' },
  })
  expect(treeNodes([entry], new Map(), open)[1]).toMatchObject({ note: { kind: 'loading' } })
})

test('arrows unfold, fold, and go to what is above', () => {
  const nodes = treeNodes([entry], known({ kind: 'ready', schema }), open)
  expect(treeMove(nodes, 1, 'ArrowLeft')).toEqual({ kind: 'fold', key: tableKey })
  expect(treeMove(nodes, 2, 'ArrowLeft')).toEqual({ kind: 'go', index: 1 })
  expect(treeMove(nodes, 4, 'ArrowRight')).toMatchObject({ kind: 'unfold' })
  expect(treeMove(nodes, 0, 'ArrowRight')).toEqual({ kind: 'go', index: 1 })
  expect(treeMove(nodes, 4, 'ArrowDown')).toEqual({ kind: 'go', index: 4 })
  expect(treeMove(nodes, 3, 'Home')).toEqual({ kind: 'go', index: 0 })
  expect(treeMove(nodes, 3, 'x')).toBeUndefined()
})

test('a name is quoted, whatever it is', () => {
  expect(quoteName('my "table"')).toBe('"my ""table"""')
  expect(selectAll('order')).toBe('SELECT * FROM "order"')
  expect(selectColumns({ name: 't', kind: 'table', columns: [column('a b')], foreignKeys: [] })).toBe(
    'SELECT "a b"\nFROM "t"',
  )
})
