import { expect, test } from 'vitest'
import {
  nothingStaged,
  placedEdits,
  stagedCount,
  withAdded,
  withAddedCell,
  withCell,
  withoutAdded,
  withoutRows,
  withRemoved,
} from './staged.ts'

const key = { id: { integer: '7' } }
const change = (column: string, before: string, after: string) => ({ row: 3, key, column, before, after })

test('cells of a row are one edit, which has only what was changed', () => {
  const staged = withCell(withCell(nothingStaged, change('a', 'x', 'y')), change('b', '1', '2'))
  expect(stagedCount(staged)).toBe(1)
  expect(placedEdits(staged)).toEqual([
    {
      place: { kind: 'row', row: 3 },
      edit: { kind: 'update', key, original: { a: 'x', b: '1' }, changes: { a: 'y', b: '2' } },
    },
  ])
})

test('a cell that is as it was read again is no change', () => {
  const staged = withCell(withCell(nothingStaged, change('a', 'x', 'y')), change('a', 'x', 'x'))
  expect(staged).toEqual(nothingStaged)
})

test('what goes is removed first, then what changes, then what is new is added', () => {
  let staged = withAdded(withAdded(nothingStaged))
  staged = withAddedCell(staged, 1, 'a', 'new')
  staged = withCell(staged, change('a', 'x', 'y'))
  staged = withRemoved(staged, 9, { id: 9 }, { a: 'old' })
  expect(placedEdits(staged).map(({ edit }) => edit.kind)).toEqual(['delete', 'update', 'insert', 'insert'])
  expect(placedEdits(staged)[2]?.edit).toEqual({ kind: 'insert', values: { a: 'new' } })
  staged = withAddedCell(staged, 1, 'a', undefined)
  expect(placedEdits(staged)[2]?.edit).toEqual({ kind: 'insert', values: {} })
})

test('a row that is removed is no longer changed, and can be left as it was', () => {
  const staged = withRemoved(withCell(nothingStaged, change('a', 'x', 'y')), 3, key, { a: 'x' })
  expect(placedEdits(staged).map(({ edit }) => edit.kind)).toEqual(['delete'])
  expect(withoutRows(staged, [3])).toEqual(nothingStaged)
  expect(withoutAdded(withAdded(nothingStaged), new Set([1]))).toEqual(nothingStaged)
})
