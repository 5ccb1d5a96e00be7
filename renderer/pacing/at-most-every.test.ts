import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { atMostEvery } from './at-most-every.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('the first request is answered at once, a flood of them at the given pace, and the last is not lost', () => {
  const work = vi.fn()
  const paced = atMostEvery(80, work)
  paced.request()
  expect(work).toHaveBeenCalledTimes(1)
  for (let ms = 0; ms < 800; ms += 1) {
    paced.request()
    vi.advanceTimersByTime(1)
  }
  expect(work.mock.calls.length).toBeLessThanOrEqual(11)
  const before = work.mock.calls.length
  paced.request()
  vi.advanceTimersByTime(80)
  expect(work.mock.calls.length).toBeGreaterThan(before)
})

test('without requests nothing is done, and after disposal neither', () => {
  const work = vi.fn()
  const paced = atMostEvery(80, work)
  paced.request()
  vi.advanceTimersByTime(1_000)
  expect(work).toHaveBeenCalledTimes(1)
  paced.request()
  paced.request()
  paced.dispose()
  vi.advanceTimersByTime(1_000)
  expect(work).toHaveBeenCalledTimes(2)
})
