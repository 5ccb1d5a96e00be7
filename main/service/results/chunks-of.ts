import { DamagedChunk } from '#contract/chunk/read.ts'
import { resultFiles } from '#contract/chunk/result-file.ts'
import type { ChunkRows } from '#contract/chunk/slice.ts'
import type { ChunkCache } from './chunk-cache.ts'
import { damaged, type Result } from './open-result.ts'

/**
 * Goes through the chunks that hold a range of rows, with the part of each that lies in it; fewer at the end. To be read
 * within `cache.reading`.
 */
export async function* chunksOf(
  result: Result,
  cache: ChunkCache,
  from: number,
  count: number,
): AsyncGenerator<ChunkRows & { readonly firstRow: number }> {
  const end = Math.min(from + count, result.rows)
  let next = from
  while (next < end) {
    const entry = result.find(next)
    if (!entry) return
    const chunk = await cache.get(`${result.path}:${entry.offset}`, (take) => result.read(entry, take))
    const start = next - entry.firstRow
    const rows = Math.min(entry.rows - start, end - next)
    yield { chunk, from: start, count: rows, firstRow: next }
    next += rows
  }
}

/** Runs a reader of chunks so that damage within one names the file. */
export async function namingDamage<R>(result: Result, read: () => Promise<R>): Promise<R> {
  try {
    return await read()
  } catch (error) {
    throw error instanceof DamagedChunk ? damaged(resultFiles(result.path).rows, error.message) : error
  }
}
