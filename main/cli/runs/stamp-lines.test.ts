import { expect, test } from 'vitest'
import { stampLines } from './stamp-lines.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (pieces: Iterable<Uint8Array | string>): string =>
  [...pieces].map((piece) => (typeof piece === 'string' ? piece : new TextDecoder().decode(piece))).join('')

test('each line has the time at which its beginning came, however the output is cut', () => {
  const stamp = stampLines()
  const times = [
    [4, 0, 0],
    [12, 500, 900],
    [20, 1_000, 9_000],
  ] as const
  expect(text(stamp(bytes('one\ntw'), 0, times))).toBe(
    '1970-01-01T00:00:00.000Z one\n1970-01-01T00:00:00.900Z tw',
  )
  expect(text(stamp(bytes('o\n\nfour\n'), 6, times))).toBe(
    'o\n1970-01-01T00:00:00.900Z \n1970-01-01T00:00:00.900Z four\n',
  )
  expect(text(stamp(bytes('five\nsix'), 14, times))).toBe(
    '<=1970-01-01T00:00:09.000Z five\n<=1970-01-01T00:00:09.000Z six',
  )
})

test('a line of which nothing is known has none', () => {
  expect(text(stampLines()(bytes('one\n'), 0, []))).toBe('- one\n')
})
