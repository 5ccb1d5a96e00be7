import { expect, test } from 'vitest'
import { makeFrameRing } from './frames.ts'

test('the longest frame is that of the span asked about', () => {
  const ring = makeFrameRing()
  ring.add({ endedAtMs: 100, durationMs: 90 })
  ring.add({ endedAtMs: 200, durationMs: 16 })
  ring.add({ endedAtMs: 300, durationMs: 33 })
  expect(ring.longestMs(0)).toBe(90)
  expect(ring.longestMs(150)).toBe(33)
  expect(ring.longestMs(301)).toBe(0)
})

test('with no frame yet, none was long', () => {
  expect(makeFrameRing().longestMs(0)).toBe(0)
})

test('only so many frames are kept, and the oldest go first', () => {
  const ring = makeFrameRing(3)
  for (const [endedAtMs, durationMs] of [
    [1, 500],
    [2, 10],
    [3, 20],
    [4, 30],
  ] as const)
    ring.add({ endedAtMs, durationMs })
  expect(ring.longestMs(0)).toBe(30)
})

test('frames over a bound are told with their times, latest first', () => {
  const ring = makeFrameRing()
  ring.add({ endedAtMs: 100, durationMs: 90 })
  ring.add({ endedAtMs: 200, durationMs: 16 })
  ring.add({ endedAtMs: 300, durationMs: 60 })
  expect(ring.longerThan(50, 0)).toEqual([
    { endedAtMs: 300, durationMs: 60 },
    { endedAtMs: 100, durationMs: 90 },
  ])
  expect(ring.longerThan(50, 150)).toHaveLength(1)
})
