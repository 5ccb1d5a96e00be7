import { expect, test } from 'vitest'
import { matching, savedLines } from './saved-tree.ts'

const entries = ['a/b/two', 'a/one', 'ab', 'c/three'].map((name) => ({
  name,
  database: null,
  beginning: `SELECT * FROM ${name === 'ab' ? 'orders' : 'items'}`,
}))

const drawn = (lines: ReturnType<typeof savedLines>): string[] =>
  lines.map(({ kind, name, depth }) => `${'  '.repeat(depth)}${name}${kind === 'folder' ? '/' : ''}`)

test('folders stand before queries, each with what is in it', () => {
  expect(drawn(savedLines(entries, new Set()))).toEqual([
    'a/',
    '  b/',
    '    two',
    '  one',
    'c/',
    '  three',
    'ab',
  ])
})

test('a closed folder shows nothing of what is in it', () => {
  expect(drawn(savedLines(entries, new Set(['a'])))).toEqual(['a/', 'c/', '  three', 'ab'])
  expect(drawn(savedLines(entries, new Set(['a/b'])))).toEqual(['a/', '  b/', '  one', 'c/', '  three', 'ab'])
})

test('a search looks into names and texts', () => {
  expect(matching(entries, 'ORDERS select').map(({ name }) => name)).toEqual(['ab'])
  expect(matching(entries, 'a/').map(({ name }) => name)).toEqual(['a/b/two', 'a/one'])
})
