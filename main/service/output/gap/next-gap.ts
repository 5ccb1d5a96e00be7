import { STRETCH_BYTES } from '../line-counts.ts'

/** Of the limit, what is kept of the beginning, and at least of the end; what is left makes each cut worth its process. */
const HEAD_SHARE = 1 / 4
const END_SHARE = 5 / 8

/** A stretch of bytes: the first, and the one after the last. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/**
 * Which bytes are given up so that a log keeps to its limit: between its beginning and its end, in whole stretches of the
 * line index, growing from what was given up before. Undefined while there is room.
 * @param bytes that were written and counted.
 * @param limit of what is kept, in bytes.
 */
export function nextGap(bytes: number, gap: Stretch | undefined, limit: number): Stretch | undefined {
  const kept = bytes - (gap ? gap.to - gap.from : 0)
  if (kept <= limit) return undefined
  const from = gap?.from ?? wholeStretches(limit * HEAD_SHARE)
  const to = wholeStretches(bytes - limit * END_SHARE)
  return to > (gap?.to ?? from) ? { from, to } : undefined
}

function wholeStretches(bytes: number): number {
  return Math.max(0, Math.floor(bytes / STRETCH_BYTES)) * STRETCH_BYTES
}
