import { open, stat } from 'node:fs/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { OutputGap } from '#contract/output-gap.ts'
import { failed } from '#kit/request-failed.ts'
import { systemCode } from '../platform/system-code.ts'
import { STRETCH_BYTES, type LineCounts } from './line-counts.ts'

/** How long the loop may be kept from others, in milliseconds. */
const SLICE_MS = 8

/** Read at a time: larger gained nothing when measured, and a hundred tails must not take a hundred megabytes. */
const READ_BYTES = 4 * STRETCH_BYTES

/** What is known of what is looked through, and who is told of it. */
export interface CatchUpListener {
  /** Each stretch of bytes, in order; they are overwritten afterwards. */
  onStretch(bytes: Uint8Array): void
  /** After each slice of time. */
  onSlice(): void
  /** What of the file is not there any more. */
  gap(): OutputGap | undefined
}

/**
 * Looks through whatever a file has beyond what was counted, in slices between which others run.
 * @returns the file's size when it was asked for the last time.
 * @throws RequestFailed `not-found` when the file is gone or shorter than it was, or the signal's reason.
 */
export async function catchUp(
  path: string,
  counts: LineCounts,
  signal: AbortSignal,
  { onStretch, onSlice, gap }: CatchUpListener,
): Promise<number> {
  for (;;) {
    signal.throwIfAborted()
    const size = await sizeOf(path)
    if (size < counts.bytes) throw truncated(path, size, counts.bytes)
    if (size === counts.bytes) return size
    const file = await open(path)
    try {
      const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, size - counts.bytes))
      let sliceEnd = performance.now() + SLICE_MS
      while (counts.bytes < size) {
        const missing = gap()
        if (missing && counts.bytes === missing.from && size >= missing.to) {
          counts.skip((missing.to - missing.from) / STRETCH_BYTES, missing.newlines)
          continue
        }
        const end = missing && counts.bytes < missing.from ? Math.min(size, missing.from) : size
        const wanted = Math.min(buffer.length, end - counts.bytes)
        const { bytesRead } = await file.read(buffer, 0, wanted, counts.bytes)
        if (bytesRead === 0) throw truncated(path, counts.bytes, size)
        for (let from = 0; from < bytesRead; from += STRETCH_BYTES) {
          const stretch = buffer.subarray(from, Math.min(bytesRead, from + STRETCH_BYTES))
          counts.add(stretch)
          onStretch(stretch)
          if (performance.now() < sliceEnd) continue
          onSlice()
          await nextTurn()
          signal.throwIfAborted()
          sliceEnd = performance.now() + SLICE_MS
        }
      }
      onSlice()
    } finally {
      await file.close()
    }
  }
}

/** @throws RequestFailed `not-found` when there is no such file. */
export async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
    throw failed(
      'not-found',
      `The output file "${path}" is gone, so this run's output cannot be shown. Other runs are not affected.`,
    )
  }
}

/** The failure for a file that has lost bytes since it was counted. */
export function truncated(path: string, has: number, had: number) {
  return failed(
    'not-found',
    `The output file "${path}" was cut after it was written: it has ${has} of ${had} bytes. Open the file itself to see ` +
      `what is left; other runs are not affected.`,
  )
}
