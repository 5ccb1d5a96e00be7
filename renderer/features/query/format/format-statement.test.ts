import { expect, test } from 'vitest'
import { formatStatement } from './format-statement.ts'
import { haveSameMeaning } from './same-meaning.ts'

test('a statement is set in lines, its words, comments and parameters as they were', () => {
  expect(formatStatement('select a,[b c] from "t" -- all\nwhere x=:x and y=?2 and z=@z', 'sqlite')).toBe(
    `select
  a,
  [b c]
from
  "t" -- all
where
  x = :x
  and y = ?2
  and z = @z`,
  )
})

test('PostgreSQL keeps its casts, dollar quotes and escapes', () => {
  expect(
    formatStatement(`select a::text, $$ b  c $$, E'd\\'e' from t where f>:least and g=$1`, 'postgres'),
  ).toBe(
    `select
  a::text,
  $$ b  c $$,
  E'd\\'e'
from
  t
where
  f > :least
  and g = $1`,
  )
})

test('what is not understood, or would mean something else, stays as it is', () => {
  expect(formatStatement('select from where (((', 'sqlite')).toBeUndefined()
  // The end of the slice would become a parameter.
  expect(formatStatement('select list[low:high] from t', 'postgres')).toBeUndefined()
})

test('nothing but white space may differ', () => {
  expect(haveSameMeaning('select  1', 'select\n1', 'sqlite')).toBe(true)
  expect(haveSameMeaning('select a -- b', 'select a', 'sqlite')).toBe(false)
  expect(haveSameMeaning("select 'a  b'", "select 'a b'", 'sqlite')).toBe(false)
  expect(haveSameMeaning('select :a', 'select : a', 'sqlite')).toBe(false)
})
