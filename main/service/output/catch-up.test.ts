import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { OutputGap } from '#contract/output-gap.ts'
import { temporaryFolder } from '../app-database/database-fixture.ts'
import { catchUp } from './catch-up.ts'
import { countNewlines } from './count-newlines.ts'
import { countLines, STRETCH_BYTES } from './line-counts.ts'

const { signal } = new AbortController()
const LINE = 'a line of an output\n'
/** More than two of the largest pieces. */
const SIZE = 3_500_000

async function outputOf(bytes: Uint8Array): Promise<string> {
  const path = join(await temporaryFolder(), 'output')
  await writeFile(path, bytes)
  return path
}

/** What is looked through, and its count. */
async function lookThrough(path: string, size: number, gap?: OutputGap) {
  const counts = countLines()
  const seen: Buffer[] = []
  const onCounted = (bytes: Uint8Array): number => seen.push(Buffer.from(bytes))
  await catchUp(path, counts, size, signal, { onCounted, gap: () => gap })
  return { counts, seen: Buffer.concat(seen) }
}

test('more files at once than there are large pieces are looked through to their ends', async () => {
  const sizes = Array.from({ length: 7 }, (_, index) => SIZE - index * 123_457)
  const outputs = sizes.map((size) => Buffer.alloc(size, LINE))
  const paths = await Promise.all(outputs.map(outputOf))
  const looks = await Promise.all(paths.map((path, index) => lookThrough(path, sizes[index] ?? 0)))
  for (const [index, { counts, seen }] of looks.entries()) {
    expect(seen.equals(outputs[index] ?? Buffer.alloc(0))).toBe(true)
    expect(counts).toMatchObject({ bytes: sizes[index], newlines: countNewlines(seen) })
  }
})

test.each([
  ['in the middle', 10, 40],
  ['from the beginning', 0, 17],
  ['in one stretch', 16, 17],
])('what is gone %s is not read, and its lines are counted as they are known', async (_, first, end) => {
  const bytes = Buffer.alloc(SIZE, LINE)
  const [from, to] = [first * STRETCH_BYTES, end * STRETCH_BYTES]
  const newlines = countNewlines(bytes.subarray(from, to))
  const whole = countNewlines(bytes)
  const path = await outputOf(bytes.fill(0, from, to))
  const { counts, seen } = await lookThrough(path, SIZE, { from, to, newlines })
  expect(counts).toMatchObject({ bytes: SIZE, newlines: whole })
  expect(seen.equals(Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]))).toBe(true)
})

test('a file that ends before it should is a failure that says so', async () => {
  const path = await outputOf(Buffer.alloc(SIZE, LINE))
  await expect(lookThrough(path, SIZE + 1)).rejects.toMatchObject({
    code: 'not-found',
    message: expect.stringContaining(`${SIZE} of ${SIZE + 1} bytes`) as string,
  })
})

test('nobody waits for the rest of a file that nobody wants any more', async () => {
  const path = await outputOf(Buffer.alloc(SIZE, LINE))
  const leaving = new AbortController()
  const counts = countLines()
  const looking = catchUp(path, counts, SIZE, leaving.signal, {
    onCounted: () => leaving.abort(new Error('left')),
    gap: () => undefined,
  })
  await expect(looking).rejects.toThrow('left')
  expect(counts.bytes).toBeLessThan(SIZE)
})
