import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_PREVIEW_BYTES } from '#contract/service.ts'
import { temporaryFolder } from '../app-database/database-fixture.ts'
import { countNewlines } from './count-newlines.ts'
import { readKeptLines, writeKeptLines } from './kept-lines.ts'
import { countLines, STRETCH_BYTES } from './line-counts.ts'
import { readLines } from './read-lines.ts'
import { wholeCharacters } from './whole-characters.ts'

/** Lines as programs write them: mostly short, some at a border of the index or of the preview, some enormous. */
const line = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.string({ unit: 'grapheme', maxLength: 80 }).map((text) => text.replaceAll('\n', '')),
  },
  { weight: 4, arbitrary: fc.nat({ max: MAX_PREVIEW_BYTES * 2 }).map((length) => 'x'.repeat(length)) },
  {
    weight: 2,
    arbitrary: fc
      .integer({ min: -2, max: 2 })
      .map((near) => '日'.repeat(MAX_PREVIEW_BYTES / 4) + 'y'.repeat(MAX_PREVIEW_BYTES / 4 + near)),
  },
  { weight: 1, arbitrary: fc.nat({ max: STRETCH_BYTES * 3 }).map((length) => 'z'.repeat(length)) },
)
const text = fc
  .tuple(fc.array(line, { maxLength: 60 }), fc.boolean())
  .map(([lines, ended]) => lines.join('\n') + (ended ? '\n' : ''))

/** The lines of a text as `output.lines` defines them. */
function linesOf(whole: string): string[] {
  const lines = whole.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

function countedIn(bytes: Uint8Array, cuts: readonly number[] = []) {
  const counts = countLines()
  let from = 0
  for (const cut of [
    ...cuts.map((part) => Math.floor(part * bytes.length)).sort((a, b) => a - b),
    bytes.length,
  ]) {
    counts.add(bytes.subarray(from, cut))
    from = cut
  }
  return counts
}

test('newlines are counted alike wherever in memory the bytes lie', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(0x0a, 0x0b, 0x8a, 0x00, 0xff, 0x41), { maxLength: 5_000 }),
      fc.nat({ max: 9 }),
      (values, skipped) => {
        const bytes = Uint8Array.from(values).subarray(skipped)
        expect(countNewlines(bytes)).toBe(bytes.filter((byte) => byte === 0x0a).length)
      },
    ),
  )
  expect(countNewlines(Buffer.alloc(1_000_003, '\n'))).toBe(1_000_003)
})

describe('the lines of an output', () => {
  test('are counted alike however the bytes come in', () => {
    fc.assert(
      fc.property(
        text,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 }),
        (whole, cuts) => {
          const bytes = Buffer.from(whole)
          const counts = countedIn(bytes, cuts)
          expect(counts.lines).toBe(linesOf(whole).length)
          expect(counts.bytes).toBe(bytes.length)
          expect(counts.entries()).toEqual(countedIn(bytes).entries())
        },
      ),
    )
  })

  test('are read exactly from anywhere, cut at their preview with their full size', async () => {
    const file = join(await temporaryFolder(), 'output')
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.nat({ max: 70 }),
        fc.integer({ min: 1, max: 80 }),
        async (whole, from, count) => {
          writeFileSync(file, whole)
          const page = await readLines(file, countedIn(Buffer.from(whole)), { from, count, growing: false })
          const expected = linesOf(whole).slice(from, from + count)
          expect(page.lines).toHaveLength(expected.length)
          for (const [index, got] of page.lines.entries()) {
            const wanted = expected[index] ?? ''
            const size = Buffer.byteLength(wanted)
            if (size <= MAX_PREVIEW_BYTES) expect(got).toEqual({ text: wanted, cutFrom: null })
            else {
              expect(got.cutFrom).toBe(size)
              expect(wanted.startsWith(got.text)).toBe(true)
              expect(Buffer.byteLength(got.text)).toBeGreaterThan(MAX_PREVIEW_BYTES - 4)
              expect(Buffer.byteLength(got.text)).toBeLessThanOrEqual(MAX_PREVIEW_BYTES)
            }
          }
        },
      ),
    )
  })

  test('keep ANSI sequences, carriage returns and zero bytes, and replace what is no UTF-8', async () => {
    const file = join(await temporaryFolder(), 'output')
    const bytes = Buffer.concat([
      Buffer.from('\u001b[31mred\u001b[0m\r\n\u0000\ufeffbom\n'),
      Buffer.of(0xff, 0x41, 0xe6, 0x97, 0x0a),
    ])
    writeFileSync(file, bytes)
    const page = await readLines(file, countedIn(bytes), { from: 0, count: 9, growing: false })
    expect(page.lines.map((one) => one.text)).toEqual([
      '\u001b[31mred\u001b[0m\r',
      '\u0000\ufeffbom',
      '\ufffdA\ufffd',
    ])
  })

  test('do not show a character of which only half was written yet', async () => {
    const file = join(await temporaryFolder(), 'output')
    const bytes = Buffer.from('语言')
    for (let length = 0; length <= bytes.length; length++) {
      writeFileSync(file, bytes.subarray(0, length))
      const page = await readLines(file, countedIn(bytes.subarray(0, length)), {
        from: 0,
        count: 1,
        growing: true,
      })
      expect(page.lines[0]?.text ?? '').toBe('语言'.slice(0, Math.floor(length / 3)))
    }
  })
})

test('bytes are cut only where a character begins', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(), (whole, at) => {
      const bytes = Buffer.from(whole)
      const cut = wholeCharacters(bytes.subarray(0, at % (bytes.length + 1)))
      expect(whole.startsWith(Buffer.from(cut).toString())).toBe(true)
    }),
  )
  expect(wholeCharacters(Buffer.of(0x80, 0x80, 0x80, 0x80))).toHaveLength(4)
})

describe('the kept count', () => {
  async function kept(bytes: number) {
    const path = join(await temporaryFolder(), 'lines')
    const counts = countedIn(Buffer.alloc(bytes, 'ab\n'))
    await writeKeptLines(path, {
      bytes: counts.bytes,
      newlines: counts.newlines,
      endsLine: counts.endsLine,
      entries: counts.entries(),
    })
    return { path, counts }
  }

  test.each([0, 1, STRETCH_BYTES - 1, STRETCH_BYTES, 5 * STRETCH_BYTES + 7])(
    'of %i bytes goes on where it was',
    async (bytes) => {
      const { path, counts } = await kept(bytes)
      const again = countLines(await readKeptLines(path))
      for (const one of [again, counts]) one.add(Buffer.alloc(STRETCH_BYTES * 2, 'c\n'))
      expect(again.entries()).toEqual(counts.entries())
      expect([again.bytes, again.lines]).toEqual([counts.bytes, counts.lines])
    },
  )

  test('is not believed when a single byte of it has changed, or when it was cut or is missing', async () => {
    const { path } = await kept(3 * STRETCH_BYTES)
    const whole = readFileSync(path)
    for (let at = 0; at < whole.length; at++) {
      const damaged = Buffer.from(whole)
      damaged[at] = (damaged[at] ?? 0) ^ 1
      writeFileSync(path, damaged)
      expect(await readKeptLines(path)).toBeUndefined()
    }
    for (const length of [0, 7, 8, 20, 48, whole.length - 8, whole.length - 1]) {
      writeFileSync(path, whole.subarray(0, length))
      expect(await readKeptLines(path)).toBeUndefined()
    }
    expect(await readKeptLines(`${path}-missing`)).toBeUndefined()
    writeFileSync(path, whole)
    appendFileSync(path, 'more')
    expect(await readKeptLines(path)).toBeUndefined()
    truncateSync(path, whole.length)
    expect(await readKeptLines(path)).toBeDefined()
  })
})
