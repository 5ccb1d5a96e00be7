import { setImmediate as nextTurn } from 'node:timers/promises'
import { MAX_CHUNK_ROWS } from '#contract/chunk/format.ts'
import { readChunk } from '#contract/chunk/read.ts'
import type { QueryBudget } from '#contract/run.ts'
import { isInterrupt } from './database-failure.ts'
import type { PackedAnswer, PackedRows } from './packed-rows.ts'
import type { ResultWriter } from './result-writer.ts'
import type { RowsFeed } from './rows-feed.ts'
import { writeBehind, type WriteBehind } from './write-behind.ts'

/** The first rows are sent when there are so many, a tall window full, */
const FIRST_CHUNK_ROWS = 200
/** or when so much time has passed since the first of them. */
export const FIRST_CHUNK_MS = 10
/**
 * How long rows are read before the loop turns and a question or a cancel can be heard. With 8 ms a host that streams
 * answered in 10 ms in the median and in 17 to 24 nine times of ten; with this in 3.5 and 8, and no row came later.
 */
export const SLICE_MS = 2
/** A slow statement's rows reach the file, and a reader of it, at least this often. */
const CHUNK_PATIENCE_MS = 250
/** Progress is shown ten times a second: more is not read. */
const PROGRESS_INTERVAL_MS = 100

/** How rows ceased to come. */
export type RowsEnd = 'all' | 'between-rows' | 'interrupted' | 'rows-used-up' | 'bytes-used-up'

/** Rows that there may be, and bytes, which the last chunk may exceed. */
type Limits = Pick<QueryBudget, 'rows' | 'bytes'> | undefined

export interface RowsPump {
  readonly rows: PackedRows
  /** What its first step gave. */
  readonly answer: PackedAnswer
  readonly budget: Limits
  readonly feed: RowsFeed
  readonly writer: ResultWriter
  /** Tells how far the writer is. */
  readonly tell: () => void
  /** Aborting stops between two rows; those at hand are kept. */
  readonly signal: AbortSignal
}

/** The rows of the first chunk. */
export function firstChunkRows(budget: Limits): number {
  return Math.min(FIRST_CHUNK_ROWS, budget?.rows ?? Infinity)
}

/**
 * Moves rows from a statement into the result and the feed, in slices between which the loop turns.
 * @throws what stepping throws, after the rows before it were moved.
 */
export async function pumpRows(pump: RowsPump): Promise<RowsEnd> {
  const { feed, writer, tell, signal } = pump
  const written = writeBehind(writer, async ({ bytes, rows }, firstRow) => {
    const room = feed.push(bytes, firstRow, rows, signal)
    if (room === undefined) return
    tell()
    await room
  })
  try {
    return await moveRows(pump, written)
  } finally {
    await written.settle()
  }
}

async function moveRows(pump: RowsPump, written: WriteBehind): Promise<RowsEnd> {
  const { rows, budget, tell, signal } = pump
  let { answer } = pump
  let sliceStart = performance.now()
  let lastProgress = sliceStart
  let usedUp: 'rows-used-up' | 'bytes-used-up' | undefined

  function next(): PackedAnswer {
    if (written.rows === 0) return rows.next(firstChunkRows(budget), SLICE_MS, FIRST_CHUNK_MS)
    const left = (budget?.rows ?? Infinity) - written.rows
    return rows.next(Math.min(MAX_CHUNK_ROWS, left), SLICE_MS, CHUNK_PATIENCE_MS)
  }

  try {
    while (answer !== null) {
      const rowsBefore = written.rows
      if (typeof answer !== 'number') {
        // A row beyond the budget shows that there is more.
        if (usedUp) return usedUp
        await written.take(answer, readChunk(answer).rowCount)
      }
      const now = performance.now()
      // The first rows leave at once and not with the slice's end: sending waits for the loop to turn.
      const isFirst = rowsBefore === 0 && written.rows > 0
      if (isFirst) await written.settle()
      if (isFirst || now - sliceStart >= SLICE_MS) {
        if (now - lastProgress >= PROGRESS_INTERVAL_MS) {
          lastProgress = now
          tell()
        }
        await nextTurn()
        sliceStart = performance.now()
      }
      if (signal.aborted) {
        const rest = usedUp ? null : rows.next(0, 0, 0)
        if (rest instanceof Uint8Array) await written.take(rest, readChunk(rest).rowCount)
        return 'between-rows'
      }
      usedUp = limitOf(budget, written)
      answer = usedUp ? rows.next(1, SLICE_MS, 0) : next()
    }
    return 'all'
  } catch (error) {
    if (isInterrupt(error)) return 'interrupted'
    throw error
  }
}

/** Which part of a budget is used up when one more row comes. */
function limitOf(budget: Limits, { rows, bytes }: WriteBehind): 'rows-used-up' | 'bytes-used-up' | undefined {
  if (budget?.rows !== undefined && rows >= budget.rows) return 'rows-used-up'
  if (budget?.bytes !== undefined && bytes >= budget.bytes) return 'bytes-used-up'
  return undefined
}
