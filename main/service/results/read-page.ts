import { sliceAcross, type ChunkRows } from '#contract/chunk/slice.ts'
import { MAX_PREVIEW_BYTES, type RowsPage } from '#contract/service.ts'
import type { ChunkCache } from './chunk-cache.ts'
import { chunksOf, namingDamage } from './chunks-of.ts'
import type { Result } from './open-result.ts'

/** Reads rows `from` to `from + count`, fewer at the end, with long values cut. */
export function readPage(result: Result, cache: ChunkCache, from: number, count: number): Promise<RowsPage> {
  return namingDamage(result, async () => {
    const parts: ChunkRows[] = []
    for await (const part of chunksOf(result, cache, from, count)) parts.push(part)
    const { chunk, cut } = sliceAcross(parts, MAX_PREVIEW_BYTES)
    return { firstRow: from, chunk, cut, rowsSoFar: result.rows }
  })
}
