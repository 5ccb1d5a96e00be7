import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nearestIndex, pathOf, shareOf } from './time-line.ts'

const points = (...times: number[]) => times.map((at) => ({ at, value: at }))

test('time runs from the left edge to the right one, and values from the bottom to the top', () => {
  expect(
    pathOf(
      [
        { at: 1_000, value: 0 },
        { at: 2_000, value: 5 },
        { at: 5_000, value: 10 },
      ],
      10,
    ),
  ).toBe('M0 100L250 50L1000 0')
})

test('a single point is at the right edge, and none draws nothing', () => {
  expect(pathOf(points(7), 14)).toBe('M1000 50')
  expect(pathOf([], 1)).toBe('')
  expect(nearestIndex([], 0.5)).toBe(0)
})

test('the point under the pointer is the nearest in time', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(10_000), { minLength: 1, maxLength: 40 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (times, share) => {
        const line = points(...times.sort((a, b) => a - b))
        const distance = (index: number): number => Math.abs(shareOf(line, line[index]?.at ?? 0) - share)
        const nearest = Math.min(...line.map((_, index) => distance(index)))
        expect(distance(nearestIndex(line, share))).toBeCloseTo(nearest, 9)
      },
    ),
  )
})
