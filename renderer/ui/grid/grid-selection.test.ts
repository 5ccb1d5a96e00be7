import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  contains,
  moveTo,
  rangeOf,
  selectionAfterKey,
  START,
  type GridSize,
  type Selection,
} from './grid-selection.ts'

const size: GridSize = { rows: 1_000_000, columns: 6, pageRows: 20 }
const at = (row: number, column: number): Selection => ({ anchor: { row, column }, focus: { row, column } })
const press = (
  selection: Selection,
  key: string,
  { shift = false, control = false } = {},
): Selection | undefined => selectionAfterKey(selection, { key, shift, control }, size)

test('arrows move by one and stop at the edges', () => {
  expect(press(START, 'ArrowDown')).toEqual(at(1, 0))
  expect(press(START, 'ArrowUp')).toEqual(START)
  expect(press(at(999_999, 5), 'ArrowRight')).toEqual(at(999_999, 5))
})

test('control and an arrow jump to the edge', () => {
  expect(press(START, 'ArrowDown', { control: true })).toEqual(at(999_999, 0))
  expect(press(START, 'End', { control: true })).toEqual(at(999_999, 5))
  expect(press(at(500, 3), 'Home')).toEqual(at(500, 0))
})

test('a page is as many rows as are in view', () => {
  expect(press(at(100, 2), 'PageDown')).toEqual(at(120, 2))
  expect(press(at(5, 2), 'PageUp')).toEqual(at(0, 2))
})

test('shift keeps where the selection began', () => {
  const stretched = press(at(10, 1), 'PageDown', { shift: true })
  expect(stretched).toEqual({ anchor: { row: 10, column: 1 }, focus: { row: 30, column: 1 } })
})

test('control and A take everything; A alone is none of the grid’s keys', () => {
  expect(rangeOf(press(at(3, 3), 'a', { control: true }) ?? START)).toEqual({
    row: 0,
    rows: 1_000_000,
    column: 0,
    columns: 6,
  })
  expect(press(at(3, 3), 'a')).toBeUndefined()
  expect(press(at(3, 3), 'F5')).toBeUndefined()
})

test('a rectangle is the same from whichever corner it was drawn', () => {
  const a = { row: 9, column: 4 }
  const b = { row: 2, column: 5 }
  expect(rangeOf({ anchor: a, focus: b })).toEqual(rangeOf({ anchor: b, focus: a }))
  const range = rangeOf({ anchor: a, focus: b })
  expect(contains(range, 2, 4)).toBe(true)
  expect(contains(range, 9, 5)).toBe(true)
  expect(contains(range, 10, 5)).toBe(false)
  expect(contains(range, 9, 3)).toBe(false)
})

test('wherever one wants to go, one stays inside the grid', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), fc.boolean(), (row, column, extend) => {
      const { focus } = moveTo(START, { row, column }, size, extend)
      expect(focus.row).toBeGreaterThanOrEqual(0)
      expect(focus.row).toBeLessThan(size.rows)
      expect(focus.column).toBeGreaterThanOrEqual(0)
      expect(focus.column).toBeLessThan(size.columns)
    }),
  )
})
