import { join } from 'node:path'
import { expect, it } from 'vitest'
import { cellText } from '#contract/chunk/cell-text.ts'
import { readChunk } from '#contract/chunk/read.ts'
import { cacheChunks, type ChunkCache } from './chunk-cache.ts'
import { openResult } from './open-result.ts'
import { readPage } from './read-page.ts'
import { recycleBuffers } from './recycled-buffers.ts'
import { putResult, resultBytes, resultFolder } from './result-fixture.ts'

const ROWS_PER_CHUNK = 1_000
const CHUNKS = 12
const PAGE_ROWS = 100
/** Two of the chunks, so that each new one drives another out. */
const LIMIT_BYTES = 150 * 1024

it('a buffer is used again once everybody who was reading when it was given back has ended', async () => {
  const buffers = recycleBuffers()
  const { buffer } = buffers.take(1_000)
  const slow = Promise.withResolvers<undefined>()
  const slowReader = buffers.reading(() => slow.promise)
  buffers.giveBack(buffer)
  await buffers.reading(async () => undefined)
  expect(buffers.take(1_000).buffer).not.toBe(buffer)
  slow.resolve(undefined)
  await slowReader
  const again = buffers.take(2_000)
  expect(again.buffer).toBe(buffer)
  expect(again.length).toBe(2_000)
  expect(buffers.take(2_000).buffer).not.toBe(buffer)
})

it('a buffer is not used for what is much shorter or longer, and a long one is not kept', async () => {
  const buffers = recycleBuffers()
  const { buffer } = buffers.take(500_000)
  const { buffer: long } = buffers.take(2_000_000)
  buffers.giveBack(buffer)
  buffers.giveBack(long)
  await buffers.reading(async () => undefined)
  expect(buffers.take(10_000).buffer).not.toBe(buffer)
  expect(buffers.take(600_000).buffer).not.toBe(buffer)
  expect(buffers.take(2_000_000).buffer).not.toBe(long)
  expect(buffers.take(500_000).buffer).toBe(buffer)
})

it('pages that are read at once through a small cache have their own rows, whatever is driven out meanwhile', async () => {
  const path = join(await resultFolder(), 'result')
  const rowOf = (row: number): string[] => [String(row), `the text of row ${row}`]
  const chunks = Array.from({ length: CHUNKS }, (_, chunk) =>
    Array.from({ length: ROWS_PER_CHUNK }, (__, index) => {
      const [number = '', text = ''] = rowOf(chunk * ROWS_PER_CHUNK + index)
      return [BigInt(number), text]
    }),
  )
  await putResult(path, resultBytes(['number', 'text'], chunks))
  const result = await openResult(path)
  if (!result) throw new Error('The result is not there.')
  await result.refresh()
  const cache: ChunkCache = cacheChunks(LIMIT_BYTES)

  async function rowsFrom(from: number): Promise<string[][]> {
    const page = await cache.reading(() =>
      readPage(result as NonNullable<typeof result>, cache, from, PAGE_ROWS),
    )
    const chunk = readChunk(page.chunk)
    return Array.from({ length: chunk.rowCount }, (_, row) =>
      [0, 1].map((column) => cellText(chunk.cell(row, column))),
    )
  }
  const places = Array.from(
    { length: 300 },
    (_, index) => (index * 7_919) % (CHUNKS * ROWS_PER_CHUNK - PAGE_ROWS),
  )
  // A few at a time, so that some end while others begin.
  const queue = places.values()
  await Promise.all(
    Array.from({ length: 5 }, async () => {
      for (const from of queue) {
        expect(await rowsFrom(from)).toEqual(
          Array.from({ length: PAGE_ROWS }, (_, index) => rowOf(from + index)),
        )
      }
    }),
  )
  await result.close()
})
