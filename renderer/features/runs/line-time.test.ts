import { expect, test } from 'vitest'
import { lineTime } from './line-time.ts'

const START = new Date(2026, 2, 1, 9, 30, 0).getTime()
const line = (from: number, to = from) => ({
  text: '',
  cutFrom: null,
  arrived: [START + from, START + to] as const,
})

test('when a line came is said by the clock, since the start, and since the line before', () => {
  expect(lineTime('clock', line(61_250), undefined, START)).toBe('09:31:01.2')
  expect(lineTime('start', line(3_661_250), undefined, START)).toBe('01:01:01.2')
  expect(lineTime('previous', line(61_250), line(60_000), START)).toBe('+1.3')
  expect(lineTime('previous', line(7_200_000), line(0), START)).toBe('+02:00:00.0')
  expect(lineTime('none', line(0), undefined, START)).toBe('')
})

test('a line that may have come much earlier is marked, and one of which nothing is known has no time', () => {
  expect(lineTime('clock', line(0, 30_000), undefined, START)).toBe('≤ 09:30:30.0')
  expect(lineTime('clock', line(29_800, 30_000), undefined, START)).toBe('09:30:30.0')
  expect(lineTime('previous', line(0, 30_000), line(0, 30_000), START)).toBe('+0.0')
  expect(lineTime('clock', { text: '', cutFrom: null }, undefined, START)).toBe('')
  expect(lineTime('previous', line(0), undefined, START)).toBe('')
})
