import { expect, test } from 'vitest'
import { isPlain, PLAIN_LOOK, withFilter, withNextSort, withoutFilter, withSort } from './look.ts'

test('a column is sorted up, then down, then not at all', () => {
  const up = withNextSort(PLAIN_LOOK, 2, false)
  expect(up.sorts).toEqual([{ column: 2, direction: 'ascending' }])
  const down = withNextSort(up, 2, false)
  expect(down.sorts).toEqual([{ column: 2, direction: 'descending' }])
  expect(isPlain(withNextSort(down, 2, false))).toBe(true)
})

test('another column takes the place of the first, or goes beside it', () => {
  const first = withNextSort(PLAIN_LOOK, 2, false)
  expect(withNextSort(first, 0, false).sorts).toEqual([{ column: 0, direction: 'ascending' }])
  const both = withNextSort(first, 0, true)
  expect(both.sorts.map(({ column }) => column)).toEqual([2, 0])
  const turned = withNextSort(both, 2, true)
  expect(turned.sorts).toEqual([
    { column: 2, direction: 'descending' },
    { column: 0, direction: 'ascending' },
  ])
  expect(withNextSort(turned, 2, true).sorts).toEqual([{ column: 0, direction: 'ascending' }])
  expect(withSort(both, { column: 1, direction: 'descending' }, false).sorts).toHaveLength(1)
})

test('filters are added, changed in their place and taken away', () => {
  const one = withFilter(PLAIN_LOOK, { column: 0, test: { kind: 'null' } })
  const two = withFilter(one, { column: 0, test: { kind: 'above', text: '5' } })
  const changed = withFilter(two, { column: 0, test: { kind: 'not-null' } }, 0)
  expect(changed.filters.map(({ test: { kind } }) => kind)).toEqual(['not-null', 'above'])
  expect(withoutFilter(withoutFilter(changed, 0), 0)).toEqual(PLAIN_LOOK)
})
