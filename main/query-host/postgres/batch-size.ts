/** The first row is shown when it is there. */
export const FIRST_BATCH_ROWS = 1
/** More rows than a chunk has gain nothing: the way to the server and back is then one part in a hundred. */
const MAX_BATCH_ROWS = 8_192
/** What may lie in memory of one statement at a time, when rows are as long as they have been. */
const BATCH_BYTES_GOAL = 2 * 1024 * 1024
/** The server keeps rows until it has 8 kB or the batch is whole: slow ones come in batches that take about so long. */
const BATCH_MS_GOAL = 200
/** How fast batches grow from the first row to their full size. */
const GROWTH = 8

/** A batch as it went. */
export interface BatchSeen {
  /** How many rows were asked for, and came. */
  readonly rows: number
  readonly bytes: number
  readonly ms: number
  /** No more than that are of use. */
  readonly most: number | undefined
}

/** How many rows to ask for next, so that neither memory nor patience is used up. */
export function nextBatchRows({ rows, bytes, ms, most = Infinity }: BatchSeen): number {
  const byBytes = (rows * BATCH_BYTES_GOAL) / Math.max(1, bytes)
  const byTime = ms > BATCH_MS_GOAL ? (rows * BATCH_MS_GOAL) / ms : rows * GROWTH
  return Math.max(1, Math.floor(Math.min(MAX_BATCH_ROWS, byBytes, byTime, most)))
}
