import type { FileHandle } from 'node:fs/promises'

/**
 * Read at a time while few do so, and looked through in 0.1 ms: that keeps nobody waiting. Of smaller pieces the asking
 * alone costs the loop more than the counting: 120 ms for 1 GB in pieces of 256 KiB.
 */
const LARGE_BYTES = 1024 * 1024
/** So many may be in use, or kept for the next flood, which would leave 70 MB of them a second to the collector. */
const MOST_LARGE = 4
/** Read at a time by all others: a hundred tails must not take a hundred megabytes. */
const SMALL_BYTES = 64 * 1024

/** Reads a file piece by piece. */
export interface Pieces {
  /** Reads what it can between two offsets; the piece before stays as it is, and no other. */
  read(from: number, to: number): Promise<Buffer>
  /** No piece is being read, or will be looked at any more. */
  close(): void
}

let largeInUse = 0
const spare: Buffer[] = []

/** Begins to read. @param most bytes of all pieces. */
export function readPieces(file: Pick<FileHandle, 'read'>, most: number): Pieces {
  const buffers: Buffer[] = []
  let turn = 0
  return {
    async read(from, to) {
      turn = 1 - turn
      const buffer = (buffers[turn] ??= takeBuffer(most))
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, to - from), from)
      return buffer.subarray(0, bytesRead)
    },
    close() {
      const large = buffers.splice(0).filter(({ length }) => length === LARGE_BYTES)
      largeInUse -= large.length
      spare.push(...large)
    },
  }
}

function takeBuffer(most: number): Buffer {
  if (most < LARGE_BYTES || largeInUse === MOST_LARGE) return Buffer.allocUnsafe(Math.min(most, SMALL_BYTES))
  largeInUse += 1
  return spare.pop() ?? Buffer.allocUnsafeSlow(LARGE_BYTES)
}
