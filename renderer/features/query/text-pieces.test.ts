import fc from 'fast-check'
import { expect, test } from 'vitest'
import { textPieces } from './text-pieces.ts'

test('lines are pieces, and a short text is one', () => {
  expect(textPieces('one\ntwo\n')).toEqual(['one', 'two', ''])
  expect(textPieces('')).toEqual([''])
})

test('nothing of a long line is lost, no piece is long, and no character is split', () => {
  const long = fc.string({ unit: fc.constantFrom('a', '字', '🎉'), minLength: 900, maxLength: 4_000 })
  fc.assert(
    fc.property(long, (text) => {
      const pieces = textPieces(text)
      expect(pieces.join('')).toBe(text)
      for (const piece of pieces) {
        expect(piece.length).toBeLessThanOrEqual(1_000)
        expect(() => encodeURIComponent(piece), 'a lone surrogate').not.toThrow()
      }
    }),
    { numRuns: 50 },
  )
})
