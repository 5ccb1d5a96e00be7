import type { Chunk } from '#contract/chunk/read.ts'

/** A cache of chunks, the least recently used of which goes first. */
export interface ChunkCache {
  /** The chunk of that key: kept, being read, or read now. A failure is not kept. */
  get(key: string, read: () => Promise<Chunk>): Promise<Chunk>
}

/** Makes a cache that holds at most `limitBytes`; a longer chunk is handed out and not kept. */
export function cacheChunks(limitBytes: number): ChunkCache {
  const kept = new Map<string, Chunk>()
  const reading = new Map<string, Promise<Chunk>>()
  let bytes = 0

  function keep(key: string, chunk: Chunk): void {
    if (chunk.byteLength > limitBytes) return
    kept.set(key, chunk)
    bytes += chunk.byteLength
    for (const [oldest, { byteLength }] of kept) {
      if (bytes <= limitBytes) break
      kept.delete(oldest)
      bytes -= byteLength
    }
  }

  return {
    async get(key, read) {
      const chunk = kept.get(key)
      if (chunk) {
        // A map goes through its keys in the order in which they were set.
        kept.delete(key)
        kept.set(key, chunk)
        return chunk
      }
      let pending = reading.get(key)
      if (!pending) {
        pending = read()
          .then((fresh) => {
            keep(key, fresh)
            return fresh
          })
          .finally(() => reading.delete(key))
        reading.set(key, pending)
      }
      return pending
    },
  }
}
