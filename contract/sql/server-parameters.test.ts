import { expect, it } from 'vitest'
import { findParameters } from './find-parameters.ts'
import { numberParameters } from './server-parameters.ts'

it.each([
  ['select $1, :a, :b, :a', 'select $1, $2, $3, $2'],
  ['select :größe::int, x::text, f(a := :b)', 'select $1::int, x::text, f(a := $2)'],
  [
    'select list[1:n], list[low:high], list[:n], (a)[1:2]',
    'select list[1:n], list[low:high], list[$1], (a)[1:2]',
  ],
  ["select ':a', \":b\", E'\\':c', $$ :d $$, $x$ :e $1 $x$ -- :f", undefined],
  ['select /* /* :a */ :b */ a$1, data ? :key', 'select /* /* :a */ :b */ a$1, data ? $1'],
  ['select $2, :a', 'select $2, $3'],
])('numbers the parameters of %j for a server', (sql, expected) => {
  expect(numberParameters(sql).text).toBe(expected ?? sql)
})

it('knows each parameter once, numbered ones by position and others by name', () => {
  expect(findParameters('select :b, $2, :a, $2, :b', 'postgres')).toEqual([
    { index: 2, name: null, text: '$2' },
    { index: 3, name: 'b', text: ':b' },
    { index: 4, name: 'a', text: ':a' },
  ])
})

it('says where a place was before the names became numbers', () => {
  const sql = 'select :first_name, :x, nothere, :first_name, nor_this'
  const { text, originalOffset } = numberParameters(sql)
  for (const word of ['select', 'nothere', 'nor_this']) {
    expect(originalOffset(text.indexOf(word))).toBe(sql.indexOf(word))
  }
})
