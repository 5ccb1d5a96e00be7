import { expect, test } from 'vitest'
import type { TableInfo } from '#contract/database.ts'
import type { ImportPreview } from '#contract/transfer.ts'
import { columnsFor, importGap, tableName } from './import-choice.ts'

const preview: ImportPreview = {
  format: { kind: 'csv', separator: ',', header: true, nullText: '', rows: 'strict' },
  columns: [
    { name: 'ID', type: 'integer', reason: { kind: 'all-integers' } },
    { name: 'remark', type: 'text', reason: { kind: 'no-values' } },
  ],
  rows: [],
  trouble: null,
  bytes: 1,
}
const column = { declaredType: '', notNull: false, primaryKey: 0 }
const table: TableInfo = {
  name: 'orders',
  kind: 'table',
  columns: [
    { ...column, name: 'id' },
    { ...column, name: 'note' },
  ],
  foreignKeys: [],
}

test('a new table is called after the file', () => {
  expect(tableName('/home/a/orders 2024.CSV')).toBe('orders 2024')
  expect(tableName('C:\\data\\events.v2.jsonl')).toBe('events.v2')
})

test('columns find those of a table by their names, in any case, and are never guessed by their place', () => {
  expect(columnsFor(preview, undefined).map(({ name }) => name)).toEqual(['ID', 'remark'])
  expect(columnsFor(preview, table)).toEqual([
    { name: 'id', type: 'integer' },
    { name: '', type: 'text' },
  ])
})

test('what is missing is said before anything starts', () => {
  const columns = columnsFor(preview, undefined)
  expect(importGap({ kind: 'new', table: ' ' }, columns, [])).toBe('table')
  expect(importGap({ kind: 'new', table: 'Orders' }, columns, ['orders'])).toBe('exists')
  expect(importGap({ kind: 'existing', table: undefined }, columns, [])).toBe('table')
  expect(importGap({ kind: 'existing', table }, columnsFor(preview, table), [])).toBe('column')
  expect(
    importGap(
      { kind: 'new', table: 't' },
      [
        { name: 'a', type: 'any' },
        { name: 'A', type: 'any' },
      ],
      [],
    ),
  ).toBe('twice')
  expect(importGap({ kind: 'new', table: 't' }, columns, ['orders'])).toBeUndefined()
})
