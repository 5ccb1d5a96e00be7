import { z } from 'zod'
import { stream } from './channel.ts'
import { runId } from './run-id.ts'

/** Changes told at once: 300 kB of numbers. */
export const MAX_CHANGES_AT_ONCE = 10_000

const index = z.number().int().nonnegative()

/** What of lines does not count as a difference. */
export const diffIgnore = z.object({
  /** Dates, times of day and durations. */
  times: z.boolean(),
  /** Colours and other escape sequences, and what was written over with carriage returns. */
  styles: z.boolean(),
  /** White space at the end. */
  trailingSpace: z.boolean(),
})
export type DiffIgnore = z.infer<typeof diffIgnore>

/** A place where two outputs differ: lines of the one, from 0, and how many, that became lines of the other. */
export const outputChange = z.tuple([index, index, index, index])
export type OutputChange = z.infer<typeof outputChange>

const soFar = {
  changes: index,
  /** Lines that only the first output has, and that only the second has. */
  removed: index,
  added: index,
}

/** What the service answers about how outputs differ. */
export const serviceOutputDiff = {
  /**
   * Compares the outputs of two commands line by line, as they are now; those that still run are not waited for. Each item
   * brings the changes that were found since the one before, in their order. Equal lines that have moved further than 200,000
   * lines are not found to be equal. Fails with `not-found` as `output.lines` does, with `invalid-params` when the middle of
   * one was not kept, with `queue-full` when too many comparisons go on.
   */
  'output.diff': stream(
    z.object({ before: runId, after: runId, ignore: diffIgnore }),
    z.object({ found: z.array(outputChange), fraction: z.number().min(0).max(1), ...soFar }),
    z.object({ ...soFar, beforeLines: index, afterLines: index }),
  ),
}
