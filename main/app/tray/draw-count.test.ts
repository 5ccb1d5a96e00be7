import fc from 'fast-check'
import { expect, test } from 'vitest'
import { drawCount, type Bitmap } from './draw-count.ts'

const empty = (side: number): Bitmap => ({ width: side, height: side, pixels: Buffer.alloc(side * side * 4) })

/** The picture as text: what is drawn white, and what is behind it. */
function shown({ width, height, pixels }: Bitmap): string[] {
  return Array.from({ length: height }, (_, row) =>
    Array.from({ length: width }, (_, column) => {
      const at = (row * width + column) * 4
      return pixels[at + 3] === 0 ? ' ' : pixels[at] === 0xff ? '#' : '.'
    }).join(''),
  )
}

test('a count stands in the lower right corner, and none leaves the picture as it is', () => {
  expect(shown(drawCount(empty(14), 4)).slice(7)).toEqual([
    '         .....',
    '         .#.#.',
    '         .#.#.',
    '         .###.',
    '         ...#.',
    '         ...#.',
    '         .....',
  ])
  expect(shown(drawCount(empty(14), 4)).slice(0, 7)).toEqual(Array(7).fill(' '.repeat(14)))
  expect(drawCount(empty(14), 0)).toEqual(empty(14))
})

test('whatever the size and the count, the picture keeps its size, and a great count is "9+"', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 64 }), fc.nat(), (side, count) => {
      expect(drawCount(empty(side), count).pixels).toHaveLength(side * side * 4)
    }),
  )
  expect(drawCount(empty(32), 100)).toEqual(drawCount(empty(32), 1_000_000))
  expect(drawCount(empty(32), 99)).not.toEqual(drawCount(empty(32), 100))
})
