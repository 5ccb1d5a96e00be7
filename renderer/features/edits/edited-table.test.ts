import { expect, test } from 'vitest'
import type { TableInfo } from '#contract/database.ts'
import { editabilityOf, selectForEditing } from './edited-table.ts'

const FILE = '/data/shop.db'
const SERVER = 'postgres://ann@db/shop'
const column = (name: string, primaryKey = 0) => ({ name, declaredType: '', notNull: false, primaryKey })
const table = (columns: TableInfo['columns'], more: Partial<TableInfo> = {}): TableInfo => ({
  name: 't',
  kind: 'table',
  columns,
  foreignKeys: [],
  ...more,
})

test('rows are told apart by their whole primary key, in its order', () => {
  const keyed = table([column('a', 2), column('b'), column('c', 1)])
  const editability = editabilityOf(FILE, keyed)
  expect(editability).toEqual({ kind: 'editable', key: { kind: 'columns', columns: ['c', 'a'] } })
  expect(selectForEditing(keyed, editability, '')).toBe('SELECT "a", "b", "c"\nFROM "t"')
})

test('without one by their rowid, under a name that no column has', () => {
  const plain = table([column('a'), column('ROWID')])
  const editability = editabilityOf(FILE, plain)
  expect(editability).toEqual({ kind: 'editable', key: { kind: 'rowid', name: '_rowid_' } })
  expect(selectForEditing(plain, editability, ' a > 1 ')).toBe(
    'SELECT "a", "ROWID", _rowid_\nFROM "t"\nWHERE a > 1',
  )
})

test('where rows cannot be told apart, or are no rows of a table, it says why', () => {
  const taken = table([column('rowid'), column('oid'), column('_rowid_')])
  expect(editabilityOf(FILE, taken)).toEqual({ kind: 'refused', why: 'edits.whyNoKey' })
  expect(editabilityOf(FILE, table([column('a')], { kind: 'view' }))).toMatchObject({ why: 'edits.whyView' })
  expect(editabilityOf(FILE, table([], { kind: 'virtual' }))).toMatchObject({ why: 'edits.whyVirtual' })
  expect(editabilityOf(SERVER, table([column('a')]))).toMatchObject({ why: 'edits.whyNoServerKey' })
  expect(editabilityOf(SERVER, table([column('a', 1)], { kind: 'materialized' }))).toMatchObject({
    why: 'edits.whyView',
  })
})

test('rows of a server keep their places, unless the person asks for another order', () => {
  const keyed = table([column('a', 2), column('b'), column('c', 1)], { schema: 'sales' })
  const editability = editabilityOf(SERVER, keyed)
  const read = (condition: string): string => selectForEditing(keyed, editability, condition)
  expect(read('')).toBe('SELECT "a", "b", "c"\nFROM "sales"."t"\nORDER BY "c", "a"')
  expect(read('b > 1 -- large')).toContain('-- large\nORDER BY "c", "a"')
  expect(read('b > 1 order  by b')).toMatch(/order {2}by b$/)
})
