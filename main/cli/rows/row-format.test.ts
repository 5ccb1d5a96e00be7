import { expect, test } from 'vitest'
import { buildChunks, type RawValue } from '#contract/chunk/encode.ts'
import { readChunk } from '#contract/chunk/read.ts'
import { formatNames, rowFormat, type FormatName } from './choose-format.ts'
import { textWidth } from './text-width.ts'

/** What a format makes of chunks of rows. */
function written(name: FormatName, names: string[], ...chunks: RawValue[][][]): string {
  const format = rowFormat(
    name,
    names.map((column) => ({ name: column, declaredType: null })),
    true,
  )
  const parts = [format.begin()]
  for (const rows of chunks) {
    const builder = buildChunks(names.length)
    for (const row of rows) builder.append(row)
    parts.push(format.rows(readChunk(builder.finish())))
  }
  parts.push(format.end())
  return Buffer.concat(parts.map((part) => Buffer.from(part))).toString('latin1')
}

const utf8 = (text: string): string => Buffer.from(text, 'latin1').toString()

test('integers of 32 and 64 bits, reals, and columns of several kinds are exact in CSV', () => {
  const rows: RawValue[][] = [
    [1n, -(2n ** 63n), 0.1, 1n],
    [-5n, 2n ** 63n - 1n, -0, 'x'],
    [null, null, null, new Uint8Array([1, 255])],
  ]
  expect(written('csv', ['a', 'b', 'c', 'd'], rows)).toBe(
    'a,b,c,d\n1,-9223372036854775808,0.1,1\n-5,9223372036854775807,-0.0,x\n,,,01ff\n',
  )
})

test('CSV quotes what must be quoted, and no more', () => {
  const rows = [['a b', 'a,b', 'a"b', 'a\rb', 'a\nb', '']]
  expect(written('csv', ['1', '2', '3', '4,', '5', '6'], rows)).toBe(
    '1,2,3,"4,",5,6\na b,"a,b","a""b","a\rb","a\nb",""\n',
  )
})

test('text of any script passes through every format', () => {
  for (const name of formatNames) expect(utf8(written(name, ['é'], [['中文 😀']]))).toContain('中文 😀')
})

test('JSON is an array whatever the number of rows, also over several chunks', () => {
  expect(JSON.parse(written('json', ['a']))).toEqual([])
  expect(JSON.parse(written('json', ['a'], [[1n], [2n]], [[3n]]))).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }])
})

test('columns of the same name are all kept in JSON', () => {
  expect(JSON.parse(written('jsonl', ['a', 'a', 'a:1', 'a'], [[1n, 2n, 3n, 4n]]))).toEqual({
    a: 1,
    'a:1': 2,
    'a:1:1': 3,
    'a:2': 4,
  })
})

test('a table is as wide as its values, and characters of two cells count as two', () => {
  expect(
    utf8(
      written(
        'table',
        ['n', 'name'],
        [
          [1n, '中文'],
          [20n, null],
        ],
        [[3n, 'longer']],
      ),
    ),
  ).toBe('n   name\n--  ----\n1   中文\n20  NULL\n3   longer\n')
  expect(textWidth('中a\u0301😀')).toBe(5)
})

test('a table without rows has its titles', () => {
  expect(written('table', ['a', 'bc'])).toBe('a  bc\n-  --\n')
})

test('Markdown shows markup as text', () => {
  expect(written('markdown', ['a'], [['<b>*x*</b>|\n']])).toBe(
    '| a |\n| --- |\n| \\<b\\>\\*x\\*\\</b\\>\\|<br> |\n',
  )
})
