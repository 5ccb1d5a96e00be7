import { expect, test } from 'vitest'
import type { TableInfo } from '#contract/database.ts'
import { createStatements, quoteName, selectAll, selectColumns } from './table-sql.ts'

const column = (name: string) => ({ name, declaredType: 'TEXT', notNull: false, primaryKey: 0 })
const table: TableInfo = { name: 't', kind: 'table', columns: [column('a b')], foreignKeys: [] }

test('a name is quoted, whatever it is', () => {
  expect(quoteName('my "table"')).toBe('"my ""table"""')
  expect(selectAll({ name: 'order' })).toBe('SELECT * FROM "order"')
  expect(selectColumns(table)).toBe('SELECT "a b"\nFROM "t"')
})

test('a table of a server is named with its schema, which may not be on the search path', () => {
  expect(selectAll({ schema: 'Sales', name: 'order' })).toBe('SELECT * FROM "Sales"."order"')
})

test('a table is made anew with its indexes and triggers, but not those that its constraints make', () => {
  const whole: TableInfo = {
    ...table,
    sql: 'CREATE TABLE t (a UNIQUE)',
    indexes: [
      { name: 'auto', unique: true, partial: false, origin: 'unique', columns: [] },
      {
        name: 'i',
        unique: false,
        partial: false,
        origin: 'created',
        columns: [],
        sql: 'CREATE INDEX i ON t (a)',
      },
    ],
    triggers: [{ name: 'g', sql: 'CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END' }],
  }
  expect(createStatements(whole)).toBe(
    'CREATE TABLE t (a UNIQUE);\nCREATE INDEX i ON t (a);\nCREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END;',
  )
  expect(createStatements(table)).toBeUndefined()
})
