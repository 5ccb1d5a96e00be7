import { expect, it } from 'vitest'
import { findParameters } from './find-parameters.ts'

const texts = (sql: string): [number, string][] => findParameters(sql).map(({ index, text }) => [index, text])

it('numbers parameters as SQLite does', () => {
  expect(texts('SELECT ?, ?, ?')).toEqual([
    [1, '?'],
    [2, '?'],
    [3, '?'],
  ])
  expect(texts('SELECT :a, @b, $c, :a, ?5, ?, ?2')).toEqual([
    [1, ':a'],
    [2, '@b'],
    [3, '$c'],
    [5, '?5'],
    [6, '?'],
  ])
  expect(texts('SELECT ?, ?1, ?1')).toEqual([[1, '?1']])
})

it('names parameters without their prefix, and none that is given by position', () => {
  expect(findParameters('SELECT :größe, ?, $a1').map(({ name }) => name)).toEqual(['größe', null, 'a1'])
})

it('passes over strings, quoted names, comments and names with a dollar sign within', () => {
  expect(
    texts(`SELECT ':a ?', ":b", [:c], \`:d\`, a$b, 1 -- :e ?\n /* :f ? */ FROM t WHERE x = :real`),
  ).toEqual([[1, ':real']])
  expect(texts("SELECT 'it''s :a'")).toEqual([])
  expect(texts('SELECT /* open :a')).toEqual([])
})
