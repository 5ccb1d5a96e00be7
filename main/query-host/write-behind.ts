import type { ResultChunk, ResultWriter } from './result-writer.ts'

/** So much may wait to be written: some milliseconds of the quickest rows, or a few chunks of long ones. */
const WAITING_LIMIT_BYTES = 2 * 1024 * 1024

/** A chunk in a buffer of its own, which may be freed. */
interface OwnChunk extends ResultChunk {
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Writes chunks in a thread of the system while the next ones are made, all that wait with one call. */
export interface WriteBehind {
  /** Taken so far, written or not. */
  readonly rows: number
  /** Of the rows file, once all that was taken is in it. */
  readonly bytes: number
  /**
   * Takes the next chunk.
   * @returns a promise when no more should come before it is fulfilled; it never rejects.
   * @throws what writing an earlier one threw.
   */
  take(chunk: Uint8Array<ArrayBuffer>, rows: number): Promise<void> | undefined
  /** Waits until all that was taken is written and handed on. @throws what writing threw. */
  settle(): Promise<void>
}

/**
 * Starts behind what a result has already.
 * @param handOn gets each chunk once it is in the file; those behind it wait until it is fulfilled.
 */
export function writeBehind(
  writer: ResultWriter,
  handOn: (chunk: OwnChunk, firstRow: number) => Promise<void>,
): WriteBehind {
  let { rows, bytes } = writer
  let queue: OwnChunk[] = []
  let waitingBytes = 0
  let working: Promise<void> | undefined
  let broken: { readonly error: unknown } | undefined
  let wake: (() => void) | undefined

  async function work(): Promise<void> {
    while (queue.length > 0) {
      const batch = queue
      queue = []
      let firstRow = writer.rows
      await writer.writeLater(batch)
      for (const each of batch) {
        waitingBytes -= each.bytes.length
        await handOn(each, firstRow)
        firstRow += each.rows
      }
      if (waitingBytes < WAITING_LIMIT_BYTES) wake?.()
    }
  }

  return {
    get rows() {
      return rows
    },
    get bytes() {
      return bytes
    },
    take(chunk, chunkRows) {
      if (broken) throw broken.error
      queue.push({ bytes: chunk, rows: chunkRows })
      rows += chunkRows
      bytes += writer.lengthOf(chunk)
      waitingBytes += chunk.length
      working ??= work()
        .catch((error: unknown) => {
          broken = { error }
        })
        .finally(() => {
          working = undefined
          wake?.()
        })
      if (waitingBytes < WAITING_LIMIT_BYTES) return undefined
      return new Promise((resolve) => {
        wake = resolve
      })
    },
    async settle() {
      await working
      if (broken) throw broken.error
    },
  }
}
