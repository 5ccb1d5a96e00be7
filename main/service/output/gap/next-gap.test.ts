import fc from 'fast-check'
import { expect, test } from 'vitest'
import { STRETCH_BYTES } from '../line-counts.ts'
import { nextGap, type Stretch } from './next-gap.ts'

const MEGABYTE = 1024 * 1024

test('a log within its limit is whole', () => {
  expect(nextGap(10 * MEGABYTE, undefined, 10 * MEGABYTE)).toBeUndefined()
})

test('however a log grows, it keeps to its limit with its beginning and its end, and gives up more only', () => {
  const growth = fc.array(fc.integer({ min: 1, max: 5 * MEGABYTE }), { maxLength: 60 })
  fc.assert(
    fc.property(growth, fc.integer({ min: MEGABYTE, max: 20 * MEGABYTE }), (steps, limit) => {
      let bytes = 0
      let gap: Stretch | undefined
      for (const step of steps) {
        bytes += step
        const next = nextGap(bytes, gap, limit)
        if (next) {
          expect(next.from).toBe(gap?.from ?? next.from)
          expect(next.to).toBeGreaterThan(gap?.to ?? next.from)
          expect([next.from % STRETCH_BYTES, next.to % STRETCH_BYTES]).toEqual([0, 0])
          gap = next
        }
        expect(bytes - (gap ? gap.to - gap.from : 0)).toBeLessThanOrEqual(limit)
        if (gap) expect(bytes - gap.to).toBeGreaterThanOrEqual(limit / 2)
        if (gap) expect(gap.from).toBeGreaterThanOrEqual(limit / 4 - STRETCH_BYTES)
      }
    }),
  )
})

test('where the limit has become smaller, the beginning stays as it was kept', () => {
  const gap = { from: 4 * MEGABYTE, to: 8 * MEGABYTE }
  expect(nextGap(20 * MEGABYTE, gap, 2 * MEGABYTE)).toMatchObject({ from: 4 * MEGABYTE })
})
