import { expect, test } from 'vitest'
import type { OutputChange } from '#contract/output-diff.ts'
import { diffRows } from './diff-rows.ts'

/** Line 4 became two others, and a line was added behind line 11, as 13 of the other. */
const CHANGES: readonly OutputChange[] = [
  [4, 1, 4, 2],
  [12, 0, 13, 1],
]
const shown = (context?: number) =>
  diffRows(CHANGES, 20, context)
    .between(0, 100)
    .map(({ kind, row, line, lines }) => [kind, row, line, lines])

test('lines that were removed stand before those that came in their place, among the equal ones', () => {
  expect(shown()).toEqual([
    ['same', 0, 0, 4],
    ['removed', 4, 4, 1],
    ['added', 5, 4, 2],
    ['same', 7, 6, 7],
    ['added', 14, 13, 1],
    ['same', 15, 14, 6],
  ])
  expect(diffRows(CHANGES, 20).changes).toEqual([4, 14])
})

test('of the differences only so many equal lines around are shown, and one row for all that are left out', () => {
  expect(shown(2)).toEqual([
    ['skipped', 0, 0, 2],
    ['same', 1, 2, 2],
    ['removed', 3, 4, 1],
    ['added', 4, 4, 2],
    ['same', 6, 6, 2],
    ['skipped', 8, 8, 3],
    ['same', 9, 11, 2],
    ['added', 11, 13, 1],
    ['same', 12, 14, 2],
    ['skipped', 14, 16, 4],
  ])
})

test('any rows are found, and what begins before them', () => {
  const rows = diffRows(CHANGES, 20)
  expect(rows.between(8, 7).map(({ kind, row }) => [kind, row])).toEqual([
    ['same', 7],
    ['added', 14],
  ])
  expect(
    diffRows([], 3, 2)
      .between(0, 10)
      .map(({ kind }) => kind),
  ).toEqual(['skipped'])
  expect(diffRows([], 0).count).toBe(0)
  expect(diffRows([], 3).count).toBe(3)
})
