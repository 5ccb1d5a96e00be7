import { expect, test } from 'vitest'
import { mean, median, percentile } from './statistics.ts'

test('the median of an odd number of measurements is the middle one, in whatever order they came', () => {
  expect(median([9, 1, 5])).toBe(5)
})

test('the median of an even number lies between the two middle ones', () => {
  expect(median([4, 1, 2, 9])).toBe(3)
})

test('the mean counts every measurement alike', () => {
  expect(mean([1, 2, 6])).toBe(3)
})

test('at p99 one of a hundred measurements may be larger', () => {
  const measured = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect(percentile(measured, 0.99)).toBe(99)
  expect(percentile(measured, 1)).toBe(100)
})

test('nothing measured is an error, not zero', () => {
  expect(() => median([])).toThrow(RangeError)
  expect(() => mean([])).toThrow(RangeError)
  expect(() => percentile([], 0.99)).toThrow(RangeError)
})
