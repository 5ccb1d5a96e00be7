import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { i18n } from '../../messages/i18n.ts'
import { formatBytes, formatCount, formatPercent } from './number.ts'
import { durationParts, formatDuration, formatRoughly, formatWhen } from './time.ts'

afterEach(() => {
  i18n.global.locale.value = 'en'
})

const MINUTE = 60_000
const HOUR = 60 * MINUTE

test('a duration is said in the units that fit it', () => {
  expect(formatDuration(240)).toBe('240 ms')
  expect(formatDuration(3_240)).toBe('3.2 sec')
  expect(formatDuration(4 * MINUTE + 10_000)).toBe('4 min 10 sec')
  expect(formatDuration(26 * HOUR)).toBe('1 day 2 hr')
})

test('a duration that is roughly known is said with no more than it has', () => {
  expect(formatRoughly(12_400)).toBe('12 sec')
  expect(formatRoughly(5 * MINUTE)).toBe('5 min')
  expect(formatRoughly(26 * HOUR)).toBe('1 day 2 hr')
  expect(formatRoughly(0)).toBe('1 sec')
})

test('a duration never shows sixty of anything', () => {
  expect(formatDuration(59_999)).toBe('59.9 sec')
  expect(formatDuration(HOUR - 1)).toBe('59 min 59 sec')
  expect(durationParts(999.7)).toEqual([{ value: 1_000, unit: 'millisecond', digits: 0 }])
})

test('a duration never goes back as time goes on', () => {
  const inMs = { millisecond: 1, second: 1_000, minute: MINUTE, hour: HOUR, day: 24 * HOUR } as const
  const said = (ms: number): number =>
    durationParts(ms).reduce((sum, { value, unit }) => sum + value * inMs[unit], 0)
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 0, max: 1e6 }), (ms, more) => {
      expect(said(ms + more)).toBeGreaterThanOrEqual(said(ms))
    }),
  )
})

test('numbers follow the language that is shown', () => {
  expect(formatCount(1_204_000)).toBe('1,204,000')
  expect(formatPercent(0.666)).toBe('67%')
  i18n.global.locale.value = 'zh-CN'
  expect(formatDuration(3_240)).toBe('3.2秒')
})

test('a size has the unit that keeps it short', () => {
  expect(formatBytes(0)).toBe('0 bytes')
  expect(formatBytes(1)).toBe('1 byte')
  expect(formatBytes(999)).toBe('999 bytes')
  expect(formatBytes(50_100)).toBe('50.1 kB')
  expect(formatBytes(1_073_741_824)).toBe('1.1 GB')
})

test('a time of today is only the hour, one of another day has its date', () => {
  const now = new Date(2024, 5, 20, 15, 30).getTime()
  expect(formatWhen(new Date(2024, 5, 20, 9, 5).getTime(), now)).toBe('09:05 AM')
  expect(formatWhen(new Date(2024, 4, 2, 9, 5).getTime(), now)).toContain('May 2')
  expect(formatWhen(new Date(2022, 4, 2, 9, 5).getTime(), now)).toContain('2022')
})
