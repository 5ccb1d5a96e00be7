import type { Chunk } from '#contract/chunk/read.ts'
import { recycleBuffers, type RecycledBuffers } from './recycled-buffers.ts'

/** Gives bytes to read a chunk into. */
export type TakeBytes = (length: number) => Uint8Array<ArrayBuffer>

/** A cache of chunks, the least recently used of which goes first. */
export interface ChunkCache {
  /**
   * The chunk of that key: kept, being read, or read now. A failure is not kept.
   * @param read reads it into bytes that it takes once.
   */
  get(key: string, read: (take: TakeBytes) => Promise<Chunk>): Promise<Chunk>
  /** Runs work that gets chunks: they are what they are until it has ended, and no longer. */
  reading: RecycledBuffers['reading']
}

interface Kept {
  readonly chunk: Chunk
  readonly buffer: ArrayBuffer
}

/** Makes a cache that holds at most `limitBytes`; a longer chunk is handed out and not kept. */
export function cacheChunks(limitBytes: number): ChunkCache {
  const buffers = recycleBuffers()
  const kept = new Map<string, Kept>()
  const reading = new Map<string, Promise<Chunk>>()
  let bytes = 0

  function keep(key: string, chunk: Chunk, buffer: ArrayBuffer): void {
    if (buffer.byteLength > limitBytes) return
    kept.set(key, { chunk, buffer })
    bytes += buffer.byteLength
    for (const [oldest, gone] of kept) {
      if (bytes <= limitBytes) break
      kept.delete(oldest)
      bytes -= gone.buffer.byteLength
      buffers.giveBack(gone.buffer)
    }
  }

  async function readNow(key: string, read: (take: TakeBytes) => Promise<Chunk>): Promise<Chunk> {
    let buffer: ArrayBuffer | undefined
    const chunk = await read((length) => {
      const taken = buffers.take(length)
      buffer = taken.buffer
      return taken
    })
    if (buffer) keep(key, chunk, buffer)
    return chunk
  }

  return {
    async get(key, read) {
      const found = kept.get(key)
      if (found) {
        // A map goes through its keys in the order in which they were set.
        kept.delete(key)
        kept.set(key, found)
        return found.chunk
      }
      let pending = reading.get(key)
      if (!pending) {
        pending = readNow(key, read).finally(() => reading.delete(key))
        reading.set(key, pending)
      }
      return pending
    },
    reading: buffers.reading,
  }
}
