import { open, stat } from 'node:fs/promises'
import type { OutputGap } from '#contract/output-gap.ts'
import { failed } from '#kit/request-failed.ts'
import { systemCode } from '../platform/system-code.ts'
import { STRETCH_BYTES, type LineCounts } from './line-counts.ts'
import { readPieces } from './read-pieces.ts'

/** What is known of what is looked through, and who is told of it. */
export interface CatchUpListener {
  /** After each piece has been counted; its bytes are overwritten afterwards. */
  onCounted(bytes: Uint8Array): void
  /** What of the file is not there any more. */
  gap(): OutputGap | undefined
}

/**
 * Looks through what a file has beyond what was counted. Others run meanwhile.
 * @param size how far: as large as the file is.
 * @throws RequestFailed `not-found` when the file is gone or shorter than it was, or the signal's reason.
 */
export async function catchUp(
  path: string,
  counts: LineCounts,
  size: number,
  signal: AbortSignal,
  { onCounted, gap }: CatchUpListener,
): Promise<void> {
  if (size < counts.bytes) throw truncated(path, size, counts.bytes)
  if (size === counts.bytes) return
  const file = await open(path)
  const pieces = readPieces(file, size - counts.bytes)
  try {
    /** Where what can be read from there on ends; undefined at the beginning of what is gone. */
    const endOfPiece = (at: number): number | undefined => {
      const missing = gap()
      if (!missing || at > missing.from || size < missing.to) return size
      return at === missing.from ? undefined : missing.from
    }
    let ahead: Promise<Buffer> | undefined
    while (counts.bytes < size) {
      const missing = gap()
      const end = endOfPiece(counts.bytes)
      if (missing && end === undefined) {
        counts.skip((missing.to - missing.from) / STRETCH_BYTES, missing.newlines)
        continue
      }
      const bytes = await (ahead ?? pieces.read(counts.bytes, end ?? size))
      signal.throwIfAborted()
      if (bytes.length === 0) throw truncated(path, counts.bytes, size)
      // The next piece is read while this one is counted.
      const next = counts.bytes + bytes.length
      const nextEnd = next < size ? endOfPiece(next) : undefined
      ahead = nextEnd === undefined ? undefined : pieces.read(next, nextEnd)
      // Awaited only after the count; what it fails with is heard then.
      ahead?.catch(() => undefined)
      counts.add(bytes)
      onCounted(bytes)
    }
  } finally {
    await file.close()
    pieces.close()
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
