import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { WINDOW_BYTES } from './kernel.ts'
import { scanner } from './scanner.ts'
import { soughtWord } from './sought-word.ts'

function theScanner() {
  const found = scanner()
  if (!found)
    throw new Error('This processor cannot look at sixteen bytes at once, so nothing was tried here.')
  return found
}

/** Text with many near misses, of a few bytes up to a few windows, at any place in memory. */
const bytes = fc
  .tuple(
    fc.string({ unit: fc.constantFrom('a', 'b', 'A', '\n', 'ä', '@', '`'), maxLength: 80 }),
    fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 6_000 })),
    fc.nat({ max: 40 }),
  )
  .map(([text, times, skipped]) => Buffer.from(text.repeat(times)).subarray(skipped))

function countEach(among: Uint8Array, found: (at: number) => boolean, length: number): number {
  let count = 0
  for (let at = 0; at + length <= among.length;) {
    if (found(at)) count += 1
    at += found(at) ? length : 1
  }
  return count
}

test('a byte is counted wherever it is', () => {
  fc.assert(
    fc.property(bytes, fc.constantFrom(0x0a, 0x61, 0xc3, 0xff), (among, byte) => {
      expect(theScanner().countByte(byte, among)).toBe(countEach(among, (at) => among[at] === byte, 1))
    }),
  )
})

describe('a word is counted', () => {
  const asciiWords = fc.oneof(
    fc.string({ unit: fc.constantFrom('a', 'b', 'A', '@'), minLength: 1, maxLength: 5 }),
    fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 14, maxLength: 40 }),
  )
  const words = fc.oneof(
    asciiWords,
    fc.string({ unit: fc.constantFrom('a', 'b', 'ä'), minLength: 1, maxLength: 5 }),
  )

  test('as often as it follows the end of the one before', () => {
    fc.assert(
      fc.property(bytes, words, (among, text) => {
        const word = soughtWord({ text, regex: false, matchCase: true })
        if (!word) throw new Error('unreachable')
        const isThere = (at: number): boolean =>
          Buffer.from(text).equals(among.subarray(at, at + word.bytes.length))
        expect(theScanner().countWord(word, among)).toBe(countEach(among, isThere, word.bytes.length))
      }),
    )
  })

  test('whatever the case of its letters, and of these alone', () => {
    fc.assert(
      fc.property(bytes, asciiWords, (among, text) => {
        const word = soughtWord({ text, regex: false, matchCase: false })
        if (!word) throw new Error('unreachable')
        const isThere = (at: number): boolean =>
          among.toString('latin1', at, at + text.length).toLowerCase() === text.toLowerCase()
        expect(theScanner().countWord(word, among)).toBe(countEach(among, isThere, text.length))
      }),
    )
  })

  test('that lies across the edge of what is looked at in one go', () => {
    const word = { bytes: Buffer.from('needle'), fold: new Uint8Array(6) }
    for (let at = WINDOW_BYTES - 20; at < WINDOW_BYTES + 20; at++) {
      const among = Buffer.alloc(2 * WINDOW_BYTES + 3, 'n')
      among.write('needle', at)
      among.write('needle', among.length - 6)
      expect(theScanner().countWord(word, among)).toBe(2)
    }
  })
})

test.each([
  ['a regular expression', { text: 'a', regex: true, matchCase: true }],
  ['a line end', { text: 'a\nb', regex: false, matchCase: true }],
  ['the sign for what is no text', { text: 'a\ufffd', regex: false, matchCase: true }],
  ['half a character', { text: '\ud83d', regex: false, matchCase: true }],
  ['letters beyond ASCII in any case', { text: 'É', regex: false, matchCase: false }],
])('%s is not sought among bytes', (_, query) => {
  expect(soughtWord(query)).toBeUndefined()
})
