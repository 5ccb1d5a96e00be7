import type { OutputGap } from '#contract/output-gap.ts'
import type { OutputStatus } from '#contract/service.ts'
import { STRETCH_BYTES, type LineCounts } from '../line-counts.ts'

/** The lines that a gap touches: the first begins before it, or with it; all up to the last begin in it. From 0. */
export interface GoneLines {
  readonly first: number
  readonly last: number
}

/** Which lines a gap touches. */
export function goneLines(counts: LineCounts, { from, newlines }: OutputGap): GoneLines {
  const first = counts.newlinesBefore(from / STRETCH_BYTES)
  return { first, last: first + newlines }
}

/** A gap as a window is told of it. */
export function shownGap(counts: LineCounts, gap: OutputGap): OutputStatus['gap'] {
  // While the count has not come so far, the gap is not known in lines.
  if (counts.bytes < gap.to) return null
  const { first, last } = goneLines(counts, gap)
  return { bytes: gap.to - gap.from, fromLine: first, toLine: last }
}
