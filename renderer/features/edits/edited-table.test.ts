import { expect, test } from 'vitest'
import type { TableInfo } from '#contract/database.ts'
import { editabilityOf, selectForEditing } from './edited-table.ts'

const FILE = '/data/shop.db'
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
  expect(editabilityOf('postgres://ann@db/shop', table([column('a', 1)]))).toMatchObject({
    why: 'edits.whyServer',
  })
})
