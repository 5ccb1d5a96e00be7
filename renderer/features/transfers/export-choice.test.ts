import { expect, test } from 'vitest'
import { exportFormat } from '#contract/transfer.ts'
import { exportKinds, fileName, formatOf, withEnding, type ExportChoice } from './export-choice.ts'

const choice: Omit<ExportChoice, 'kind'> = {
  header: true,
  bom: false,
  nullText: '',
  quotes: 'needed',
  table: 'orders',
}

test('every format that is offered is one that the contract takes', () => {
  for (const kind of exportKinds) {
    const format = formatOf({ kind, ...choice })
    expect(exportFormat.parse(format)).toEqual(format)
  }
  expect(exportKinds).toHaveLength(7)
})

test('a file is called after its table, in a way that every system takes', () => {
  expect(fileName('orders', 'csv')).toBe('orders.csv')
  expect(fileName('a/b: "c"', 'markdown')).toBe('a_b_ _c_.md')
  expect(fileName(' ', 'xlsx')).toBe('result.xlsx')
  expect(fileName('数据'.repeat(100), 'sql')).toHaveLength(84)
})

test('another format changes the ending that a format has given, and no other', () => {
  expect(withEnding('/home/a/orders.csv', 'jsonl')).toBe('/home/a/orders.jsonl')
  expect(withEnding('/home/a/orders.txt', 'jsonl')).toBe('/home/a/orders.txt')
  expect(withEnding('/home/a.csv/orders', 'json')).toBe('/home/a.csv/orders')
})
