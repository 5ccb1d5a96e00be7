import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { OutputHit, SearchQuery } from '#contract/output-search.ts'
import { MAX_HIT_PREVIEW } from '#contract/search-limits.ts'
import { searchPattern } from '#contract/search-pattern.ts'
import { MAX_WHOLE_LINE_BYTES, searchLines } from './search-lines.ts'

/** Searches bytes that come in pieces, as a reader does that keeps what is left of each for the next. */
function searched(bytes: Buffer, query: SearchQuery, cuts: readonly number[] = [], mostListed = 1_000) {
  const hits: OutputHit[] = []
  const lines = searchLines({ query, mostListed, onHit: (hit) => hits.push(hit) })
  const ends = [...cuts.map((part) => Math.floor(part * bytes.length)).sort((a, b) => a - b), bytes.length]
  let done = 0
  let mostLeft = 0
  for (const end of ends) {
    done += lines.search(bytes.subarray(done, end), false)
    mostLeft = Math.max(mostLeft, end - done)
  }
  done += lines.search(bytes.subarray(done), true)
  expect(done).toBe(bytes.length)
  return { hits, total: lines.total, mostLeft }
}

const literal = (text: string): SearchQuery => ({ text, regex: false, matchCase: true })
const regex = (text: string): SearchQuery => ({ text, regex: true, matchCase: true })

/** What the search must find: the matches of each line by itself. */
function expected(text: string, query: SearchQuery) {
  const lines = text.split('\n')
  return lines.flatMap((content, line) =>
    [...content.matchAll(searchPattern(query))]
      .filter(([found]) => found !== '')
      .map((match) => ({ line, at: match.index, length: match[0].length })),
  )
}

const places = (hits: readonly OutputHit[]) => hits.map(({ line, at, length }) => ({ line, at, length }))

const line = fc.oneof(
  { weight: 10, arbitrary: fc.string({ unit: fc.constantFrom('a', 'b', 'ab', ' ', 'é', '日', '😀', '\r') }) },
  {
    weight: 1,
    arbitrary: fc.nat({ max: MAX_WHOLE_LINE_BYTES }).map((length) => `${'日 ab é'.repeat(length / 8)}b`),
  },
)
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 })

test.each([
  literal('ab'),
  literal('aba'),
  literal('日'),
  { text: 'aB', regex: false, matchCase: false },
  { text: 'AB É', regex: false, matchCase: false },
  regex('a.?b'),
  regex('^a|b$'),
  regex('[^b]+'),
  regex('\\s?a*'),
  regex('\\p{L}b'),
  regex('(?<=é)a'),
])('$text is found within lines wherever the bytes are cut', (query) => {
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 12 }),
      fc.boolean(),
      cuts,
      fc.constantFrom(0, 3, 1_000),
      (lines, ended, drawn, mostListed) => {
        const text = lines.join('\n') + (ended ? '\n' : '')
        const { hits, total, mostLeft } = searched(Buffer.from(text), query, drawn, mostListed)
        const wanted = expected(text, query)
        expect(total).toBe(wanted.length)
        expect(places(hits)).toEqual(wanted.slice(0, mostListed))
        expect(mostLeft).toBeLessThanOrEqual(MAX_WHOLE_LINE_BYTES)
      },
    ),
    { numRuns: 20 },
  )
})

describe('a line of many megabytes', () => {
  const PART = 300_000
  const pieces = ['needle', 'nädel', 'needle', 'the needle']
  const text = pieces.map((piece) => 'x日'.repeat(PART / 4) + piece).join('')
  const bytes = Buffer.from(`first\n${text}\nneedle`)
  const tenths = Array.from({ length: 40 }, (_, index) => index / 40)

  test('is searched in parts, and every hit is in its place', () => {
    const { hits, mostLeft } = searched(bytes, literal('needle'), tenths)
    expect(places(hits)).toEqual(expected(bytes.toString(), literal('needle')))
    expect(mostLeft).toBeLessThanOrEqual(MAX_WHOLE_LINE_BYTES)
    for (const { preview, previewAt } of hits) {
      expect(preview.slice(previewAt)).toMatch(/^needle/u)
      expect(preview.length).toBeLessThanOrEqual(MAX_HIT_PREVIEW)
    }
  })

  test('begins and ends once, however often it was cut', () => {
    const bounds = { text: '^x|e$', regex: true, matchCase: true }
    expect(places(searched(bytes, bounds, tenths).hits)).toEqual(expected(bytes.toString(), bounds))
  })

  test('with escape sequences in it is searched as it is seen', () => {
    const red = '\u001b[31mnee\u001b[0mdle'
    const coloured = Buffer.from('y'.repeat(PART) + red + 'y'.repeat(PART) + red)
    const cutsEverywhere = Array.from({ length: 200 }, (_, index) => index / 200)
    expect(places(searched(coloured, literal('needle'), cutsEverywhere).hits)).toEqual([
      { line: 0, at: PART, length: 6 },
      { line: 0, at: 2 * PART + 6, length: 6 },
    ])
  })
})

test('colours, titles and links do not hide a word', () => {
  const text = 'ok\n\u001b]0;error in a title\u0007\u001b[1;31mer\u001b[0mror\u001b[K: here\n'
  const { hits } = searched(Buffer.from(text), literal('error'))
  expect(hits).toEqual([{ line: 1, at: 0, length: 5, preview: 'error: here', previewAt: 0 }])
})

test('bytes that are no UTF-8 hide nothing beside them', () => {
  const bytes = Buffer.from([0xff, 0xc3, 0x0a, 0x80, 0x61, 0x62, 0xe6, 0x97])
  expect(places(searched(bytes, literal('ab')).hits)).toEqual([{ line: 1, at: 1, length: 2 }])
})

test('a hit far down, behind many lines without one, is in its line', () => {
  const text = `${'other\n'.repeat(100_000)}a needle\n${'other\n'.repeat(50_000)}needle`
  for (const written of [text, text.replace('other', '\u001b[1mother\u001b[m')])
    expect(places(searched(Buffer.from(written), literal('needle'), [0.1, 0.9]).hits)).toEqual([
      { line: 100_000, at: 2, length: 6 },
      { line: 150_001, at: 0, length: 6 },
    ])
})

test('what is listed has an end, what is counted has none', () => {
  const { hits, total } = searched(Buffer.from('ab\n'.repeat(5_000)), literal('ab'), [0.3, 0.6], 10)
  expect(hits.map(({ line: number }) => number)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(total).toBe(5_000)
})

test('signs that mean something in a regular expression are found as they are', () => {
  const text = 'a.b a*b [x] (1/2) \\n $5 ^ {2} a-b | ?+ -😀'
  for (const word of text.split(' '))
    expect(searched(Buffer.from(text), literal(word)).hits[0]).toMatchObject({ at: text.indexOf(word) })
})
