import { expect, test } from 'vitest'
import { NOTHING_CHOSEN, reach, within } from './run-selection.ts'

const ids = [50, 40, 30, 20, 10]

test('Shift chooses from where one began, and less again on the way back', () => {
  const at40 = reach(NOTHING_CHOSEN, ids, 40, 'alone')
  const to10 = reach(at40, ids, 10, 'stretch')
  expect([...to10.chosen]).toEqual([40, 30, 20, 10])
  expect([...reach(to10, ids, 30, 'stretch').chosen]).toEqual([40, 30])
  expect([...reach(to10, ids, 50, 'stretch').chosen]).toEqual([50, 40])
})

test('a run is chosen and given back without touching the others', () => {
  const both = reach(reach(NOTHING_CHOSEN, ids, 50, 'alone'), ids, 10, 'toggle')
  expect([...both.chosen]).toEqual([50, 10])
  expect([...reach(both, ids, 50, 'toggle').chosen]).toEqual([10])
})

test('nothing stays chosen that is not on the list any more', () => {
  const all = reach(reach(NOTHING_CHOSEN, ids, 50, 'alone'), ids, 10, 'stretch')
  const less = within(all, [50, 30])
  expect([...less.chosen]).toEqual([50, 30])
  expect(less.active).toBeUndefined()
  expect(within(less, [60, 50, 30])).toBe(less)
})
