import { expect, test } from 'vitest'
import { tableIn } from './table-in.ts'

test('the first table that is read gives its name, whatever quotes it has', () => {
  expect(tableIn('SELECT * FROM orders JOIN items')).toBe('orders')
  expect(tableIn('select 1\nfrom "my ""own"" table" where 1')).toBe('my "own" table')
  expect(tableIn('SELECT * FROM [a b]')).toBe('a b')
  expect(tableIn('SELECT * FROM `t`')).toBe('t')
  expect(tableIn('SELECT * FROM 数据')).toBe('数据')
  expect(tableIn('SELECT 1 AS fromage')).toBeUndefined()
  expect(tableIn('SELECT * FROM (SELECT 1)')).toBeUndefined()
})
