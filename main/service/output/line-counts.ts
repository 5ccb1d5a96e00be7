import { countNewlines } from './count-newlines.ts'

/**
 * Bytes between two entries of the index. A line is found by reading one such stretch, which takes 0.05 ms; an entry is
 * 8 bytes, so that the index of 1 GB takes 128 KiB, however long or short its lines are.
 */
export const STRETCH_BYTES = 64 * 1024

const NEWLINE = 0x0a

/** Entries to begin with: 64 MiB of output; it doubles as it must. */
const FIRST_CAPACITY = 1_024

/** How many newlines lie before each stretch of a growing file: enough to find any line with one bounded read. */
export interface LineCounts {
  /** Bytes looked through so far. */
  readonly bytes: number
  /** Newlines among them. */
  readonly newlines: number
  /** Lines begun: a last one without an end counts. */
  readonly lines: number
  /** Looks through the bytes that follow those seen so far. */
  add(bytes: Uint8Array): void
  /**
   * Takes over the count of stretches that cannot be read any more; at the beginning of one.
   * @param newlines that were in them.
   */
  skip(stretches: number, newlines: number): void
  /** Newlines before a stretch that was begun. */
  newlinesBefore(stretch: number): number
  /** The last stretch with fewer than `nth` newlines before it, and how many: the nth newline (from 1) is in it. */
  stretchOfNewline(nth: number): { readonly stretch: number; readonly before: number }
  /** The entries so far, for keeping. */
  entries(): Float64Array
}

/** What was kept of an earlier count. */
export interface KeptCounts {
  readonly bytes: number
  readonly newlines: number
  readonly endsLine: boolean
  readonly entries: Float64Array
}

/** Begins counting, at the beginning or where an earlier count had come to. */
export function countLines(kept?: KeptCounts): LineCounts & { readonly endsLine: boolean } {
  let before = kept ? Float64Array.from(kept.entries) : new Float64Array(FIRST_CAPACITY)
  let entryCount = kept?.entries.length ?? 1
  let bytes = kept?.bytes ?? 0
  let newlines = kept?.newlines ?? 0
  let endsLine = kept?.endsLine ?? true

  function append(count: number): void {
    if (entryCount === before.length) {
      const larger = new Float64Array(before.length * 2)
      larger.set(before)
      before = larger
    }
    before[entryCount++] = count
  }

  return {
    get bytes() {
      return bytes
    },
    get newlines() {
      return newlines
    },
    get lines() {
      return newlines + (endsLine ? 0 : 1)
    },
    get endsLine() {
      return endsLine
    },
    add(added) {
      let from = 0
      while (from < added.length) {
        const room = STRETCH_BYTES - (bytes % STRETCH_BYTES)
        const part = added.subarray(from, from + room)
        newlines += countNewlines(part)
        bytes += part.length
        from += part.length
        endsLine = part.at(-1) === NEWLINE
        if (bytes % STRETCH_BYTES === 0) append(newlines)
      }
    },
    skip(stretches, skipped) {
      for (let left = stretches; left > 0; left--) {
        if (left === 1) newlines += skipped
        bytes += STRETCH_BYTES
        append(newlines)
      }
      endsLine = false
    },
    newlinesBefore: (stretch) => before[Math.min(stretch, entryCount - 1)] ?? 0,
    stretchOfNewline(nth) {
      let low = 0
      let high = entryCount - 1
      while (low < high) {
        const middle = Math.ceil((low + high) / 2)
        if ((before[middle] ?? 0) < nth) low = middle
        else high = middle - 1
      }
      return { stretch: low, before: before[low] ?? 0 }
    },
    entries: () => before.slice(0, entryCount),
  }
}
