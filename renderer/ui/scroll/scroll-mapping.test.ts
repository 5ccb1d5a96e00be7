import fc from 'fast-check'
import { expect, test } from 'vitest'
import { clampOffset, maxOffset, spacerHeight, toOffset, toScrollTop, type Extent } from './scroll-mapping.ts'

const ROW_PX = 26
const TEN_MILLION_ROWS_PX = 10_000_000 * ROW_PX
/** What Chromium can lay out; a spacer must stay far below. */
const BROWSER_LIMIT_PX = 33_554_428

const extents: fc.Arbitrary<Extent> = fc.record({
  contentPx: fc.integer({ min: 0, max: TEN_MILLION_ROWS_PX }),
  viewPx: fc.integer({ min: 1, max: 4_000 }),
})

test('the spacer never comes near what a browser can lay out, and always fills the view', () => {
  fc.assert(
    fc.property(extents, (extent) => {
      expect(spacerHeight(extent)).toBeLessThan(BROWSER_LIMIT_PX / 2)
      expect(spacerHeight(extent)).toBeGreaterThanOrEqual(extent.viewPx)
    }),
  )
})

test('the ends of the scrollbar are the ends of the content, also of ten million rows', () => {
  fc.assert(
    fc.property(extents, (extent) => {
      const bottom = spacerHeight(extent) - extent.viewPx
      expect(toOffset(0, extent)).toBe(0)
      expect(toOffset(bottom, extent)).toBe(maxOffset(extent))
      expect(toScrollTop(maxOffset(extent), extent)).toBeCloseTo(maxOffset(extent) === 0 ? 0 : bottom, 3)
    }),
  )
})

test('the scrollbar never moves against the content', () => {
  fc.assert(
    fc.property(
      extents,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (extent, a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a]
        const most = maxOffset(extent)
        expect(toScrollTop(low * most, extent)).toBeLessThanOrEqual(toScrollTop(high * most, extent))
        const bottom = spacerHeight(extent) - extent.viewPx
        expect(toOffset(low * bottom, extent)).toBeLessThanOrEqual(toOffset(high * bottom, extent))
      },
    ),
  )
})

test('content that fits the spacer scrolls pixel by pixel', () => {
  const extent: Extent = { contentPx: 100_000, viewPx: 600 }
  expect(toScrollTop(12_345, extent)).toBe(12_345)
  expect(toOffset(12_345, extent)).toBe(12_345)
})

test('in ten million rows every row can be reached, because the offset and not the scrollbar is the truth', () => {
  const extent: Extent = { contentPx: TEN_MILLION_ROWS_PX, viewPx: 600 }
  const offset = 7_654_321 * ROW_PX
  expect(clampOffset(offset, extent)).toBe(offset)
  // Going through the scrollbar loses less than two rows.
  expect(Math.abs(toOffset(toScrollTop(offset, extent), extent) - offset)).toBeLessThan(2 * ROW_PX)
})

test('an offset outside is brought to the nearest end', () => {
  const extent: Extent = { contentPx: 1_000, viewPx: 600 }
  expect(clampOffset(-5, extent)).toBe(0)
  expect(clampOffset(5_000, extent)).toBe(400)
})
