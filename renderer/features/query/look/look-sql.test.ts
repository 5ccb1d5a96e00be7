import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { buildChunks, type RawValue } from '#contract/chunk/encode.ts'
import { readChunk } from '#contract/chunk/read.ts'
import { PLAIN_LOOK, type FilterTest, type Look } from './look.ts'
import { lookSql, summarySql, valuesSql } from './look-sql.ts'
import { readSummary } from './summary.ts'

const NAMES = ['id', 'na"me', 'any']
const ROWS: readonly RawValue[][] = [
  [1n, 'Ada', 5n],
  [2n, 'ada lovelace', 5],
  [3n, '100%', '5'],
  [4n, null, null],
  [5n, "O'Neil", new Uint8Array([0x41])],
  [6n, 'nul\0here', 2n ** 62n],
  [7n, 'a_b', -1.5],
]

/** A database as a finished result is one. Nothing that is asked of it may fail. */
function ask(sql: string, names = NAMES, rows: readonly RawValue[][] = ROWS): RawValue[][] {
  const db = new Database(':memory:')
  onTestFinished(() => void db.close())
  const own = names.map((name) => `"${name.replaceAll('"', '""')}"`)
  db.exec(`CREATE TABLE result (${own.join(', ')})`)
  const insert = db.prepare(`INSERT INTO result VALUES (${names.map(() => '?').join(', ')})`)
  for (const row of rows) insert.run(...row)
  return db.prepare<[], RawValue[]>(sql).raw().safeIntegers().all()
}

/** The ids of the rows that pass. */
function passing(column: number, filter: FilterTest): number[] {
  const look: Look = { ...PLAIN_LOOK, filters: [{ column, test: filter }] }
  return ask(lookSql(look, NAMES)).map(([id]) => Number(id))
}

test('text is found in any case, whatever signs are in it', () => {
  expect(passing(1, { kind: 'contains', text: 'ADA' })).toEqual([1, 2])
  expect(passing(1, { kind: 'contains', text: '%' })).toEqual([3])
  expect(passing(1, { kind: 'contains', text: 'A_B' })).toEqual([7])
  expect(passing(1, { kind: 'contains', text: "'" })).toEqual([5])
  expect(passing(1, { kind: 'begins', text: 'ada ' })).toEqual([2])
  expect(passing(1, { kind: 'lacks', text: 'a' })).toEqual([3, 4, 5, 6])
  expect(passing(2, { kind: 'contains', text: 'A' })).toEqual([])
})

test('a number is compared with numbers, and with texts as a text', () => {
  expect(passing(2, { kind: 'equals', text: ' 5 ' })).toEqual([1, 2])
  expect(passing(2, { kind: 'equals', text: '5' })).toEqual([1, 2, 3])
  expect(passing(2, { kind: 'differs', text: '5' })).toEqual([4, 5, 6, 7])
  expect(passing(2, { kind: 'below', text: '0' })).toEqual([7])
  expect(passing(2, { kind: 'above', text: '4611686018427387903' })).toEqual([3, 6])
  expect(passing(2, { kind: 'at-least', text: '4611686018427387905' })).toEqual([3])
  expect(passing(2, { kind: 'at-most', text: '-1.5' })).toEqual([7])
  expect(passing(1, { kind: 'above', text: 'a' })).toEqual([2, 6, 7])
})

test('NULL is asked for by its own name', () => {
  expect(passing(1, { kind: 'null' })).toEqual([4])
  expect(passing(1, { kind: 'not-null' })).toHaveLength(6)
  expect(passing(1, { kind: 'equals', text: 'NULL' })).toEqual([])
})

test('a value of a cell is found exactly, and left out exactly', () => {
  const is = (column: number, kind: 'null' | 'integer' | 'real' | 'text' | 'blob', text: string): number[] =>
    passing(column, { kind: 'is', value: { kind, text } })
  expect(is(2, 'integer', '4611686018427387904')).toEqual([6])
  expect(is(2, 'blob', '41')).toEqual([5])
  expect(is(2, 'text', '5')).toEqual([3])
  expect(is(2, 'null', '')).toEqual([4])
  expect(is(2, 'real', '-Inf')).toEqual([])
  expect(is(1, 'text', 'nul\0here')).toEqual([6])
  expect(passing(2, { kind: 'is-not', value: { kind: 'null', text: '' } })).toHaveLength(6)
})

test('equal rows stay in their order, and a column called rowid does not stand in the way', () => {
  const rows = [3n, 1n, 2n].flatMap((id): RawValue[][] => [
    [id, 'x'],
    [id, 'y'],
  ])
  const look: Look = { ...PLAIN_LOOK, sorts: [{ column: 1, direction: 'descending' }] }
  for (const names of [
    ['a', 'b'],
    ['rowid', 'b'],
    ['ROWID', '_rowid_'],
  ]) {
    const sorted = ask(lookSql(look, names), names, rows)
    expect(sorted).toEqual([...rows.filter(([, b]) => b === 'y'), ...rows.filter(([, b]) => b === 'x')])
  }
  expect(lookSql(look, ['rowid', 'oid', '_rowid_'])).toBe('SELECT * FROM result ORDER BY "oid" DESC')
})

test('text is looked for in thousands of columns', () => {
  const names = Array.from({ length: 1_900 }, (_, index) => `c${index}`)
  const row = names.map((_, index): RawValue => (index === 1_700 ? 'needle' : 'hay'))
  expect(ask(lookSql({ ...PLAIN_LOOK, find: 'needle' }, names), names, [row])).toHaveLength(1)
  expect(ask(lookSql({ ...PLAIN_LOOK, find: 'needles' }, names), names, [row])).toHaveLength(0)
})

test('the values of a column are counted within the look, the most frequent first', () => {
  const rows: RawValue[][] = [['b'], ['a'], [null], ['b'], ['c'], [null], ['b']]
  const look: Look = { ...PLAIN_LOOK, filters: [{ column: 0, test: { kind: 'differs', text: 'c' } }] }
  expect(ask(valuesSql(look, ['n'], 0), ['n'], rows)).toEqual([
    ['b', 3n],
    [null, 2n],
    ['a', 1n],
  ])
})

function summaryOf(names: readonly string[], rows: readonly RawValue[][], sql: string) {
  const [row = []] = ask(sql, [...names], rows)
  const builder = buildChunks(row.length)
  builder.append(row)
  return readSummary(readChunk(builder.finish()))
}

test('integers are summed exactly, beyond 64 bits and below zero', () => {
  const rows = Array.from({ length: 4 }, (): RawValue[] => [2n ** 63n - 1n]).concat([[-7n]])
  const sql = summarySql({ columns: [0], look: PLAIN_LOOK }, ['n'])
  expect(summaryOf(['n'], rows, sql)).toMatchObject({
    cells: 5,
    numbers: 5,
    sum: String(4n * (2n ** 63n - 1n) - 7n),
    least: '-7',
    greatest: '9223372036854775807',
  })
})

test('numbers, texts and NULLs of several columns are told apart, also of some rows only', () => {
  const rows: RawValue[][] = [
    [1n, 2.5],
    [null, 'text'],
    [10n, null],
    [100n, 1_000n],
  ]
  const all = summarySql({ columns: [0, 1], look: PLAIN_LOOK }, ['a', 'b'])
  expect(summaryOf(['a', 'b'], rows, all)).toEqual({
    cells: 8,
    nulls: 2,
    numbers: 5,
    sum: '1113.5',
    average: '222.7',
    least: '1',
    greatest: '1000',
  })
  const some = summarySql({ columns: [1], look: PLAIN_LOOK, rows: { from: 1, count: 2 } }, ['a', 'b'])
  expect(summaryOf(['a', 'b'], rows, some)).toEqual({
    cells: 2,
    nulls: 1,
    numbers: 0,
    sum: undefined,
    average: undefined,
    least: 'text',
    greatest: 'text',
  })
  const none = summarySql({ columns: [0], look: PLAIN_LOOK, rows: { from: 9, count: 2 } }, ['a', 'b'])
  expect(summaryOf(['a', 'b'], rows, none)).toMatchObject({ cells: 0, sum: undefined, least: undefined })
})
