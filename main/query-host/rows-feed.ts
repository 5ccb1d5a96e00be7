import { readChunk } from '#contract/chunk/read.ts'
import { slice } from '#contract/chunk/slice.ts'
import { rowsContract, type RowsItem, type RowsWanted } from '#contract/query-host.ts'
import type { ColumnInfo } from '#contract/run.ts'
import type { Port } from '#kit/port.ts'
import { failed } from '#kit/request-failed.ts'
import { serve } from '#kit/serve.ts'
import { freeBytes } from './free-bytes.ts'

/** The page shows a few screens at once and fetches the rest: fewer than this would leave a tall window half empty. */
const FIRST_ROWS_GOAL = 200
/** More than this at once would lengthen a frame of the page. */
const FIRST_ROWS_LIMIT = 1_000
/** Rows with a huge value are left to `result.rows`, which cuts values: one of 100 MB would freeze the page. */
const FIRST_CHUNK_LIMIT_BYTES = 1024 * 1024
/** Chunks that may wait for a slow reader of all rows; with its own credit of 4 enough that it never waits for us. */
const QUEUE_LIMIT = 4
/** How long a reader of all rows may take to ask for them; a page asks at once. */
const ASK_PATIENCE_MS = 5_000

/** Hands rows to a page while they are produced. Once the page has gone, everything here does nothing. */
export interface RowsFeed {
  columns(columns: readonly ColumnInfo[]): void
  /**
   * Hands over the next rows, whose bytes are the feed's from now on: it frees them when they are sent or not wanted.
   * @returns a promise when they must wait for the reader; it never rejects.
   */
  push(
    chunk: Uint8Array<ArrayBuffer>,
    firstRow: number,
    rows: number,
    signal: AbortSignal,
  ): Promise<void> | undefined
  /** Ends the reader's stream in the way the statement ended. */
  end(outcome: Outcome): void
}

type Outcome =
  { readonly kind: 'ended'; readonly rows: number } | { readonly kind: 'failed'; readonly error: unknown }

/** A feed that nobody reads. */
export const NO_FEED: RowsFeed = {
  columns: () => undefined,
  push(chunk) {
    freeBytes(chunk)
    return undefined
  },
  end: () => undefined,
}

/** Serves `rowsContract` on a port that came with a query, to one reader. */
export function feedRows(port: Port, wanted: Exclude<RowsWanted, 'none'>): RowsFeed {
  const queue: RowsItem[] = []
  let outcome: Outcome | undefined
  let asked = false
  /** The reader is gone, or has all that it wanted. */
  let closed = false
  let firstRows = 0
  const waiting = new Set<() => void>()

  /** Wakes whoever waits for a change: of the queue, of the outcome, of the reader. */
  function changed(): void {
    for (const wake of [...waiting]) wake()
  }
  function nextChange(signal?: AbortSignal, limitMs?: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = limitMs === undefined ? undefined : setTimeout(wake, limitMs)
      function wake(): void {
        clearTimeout(timer)
        waiting.delete(wake)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      waiting.add(wake)
      signal?.addEventListener('abort', wake, { once: true })
    })
  }
  function leave(): void {
    closed = true
    queue.length = 0
    changed()
  }

  const serving = serve(rowsContract, port, {
    async rows(_params, { emit, signal }) {
      if (asked) throw failed('invalid-params', 'These rows were asked for already; they are sent once.')
      asked = true
      signal.addEventListener('abort', leave, { once: true })
      for (;;) {
        const [item] = queue.splice(0, 1)
        if (item !== undefined) {
          changed()
          await emit(item)
          if (item.kind === 'rows') freeBytes(item.chunk)
        } else if (outcome !== undefined) {
          if (outcome.kind === 'failed') throw outcome.error
          return { rows: outcome.rows }
        } else {
          signal.throwIfAborted()
          await nextChange(signal)
        }
      }
    },
  })
  port.onClose(() => {
    leave()
    serving.close()
  })

  async function waitForRoom(signal: AbortSignal): Promise<void> {
    const start = performance.now()
    while (queue.length >= QUEUE_LIMIT && !closed && !signal.aborted) {
      await nextChange(signal, ASK_PATIENCE_MS)
      if (!asked && performance.now() - start >= ASK_PATIENCE_MS) leave()
    }
  }

  return {
    columns(columns) {
      if (closed) return
      queue.push({ kind: 'columns', columns: [...columns] })
      changed()
    },
    push(chunk, firstRow, rows, signal) {
      if (closed) {
        freeBytes(chunk)
        return undefined
      }
      switch (wanted) {
        case 'first': {
          if (
            firstRow !== firstRows ||
            firstRows >= FIRST_ROWS_GOAL ||
            chunk.length > FIRST_CHUNK_LIMIT_BYTES
          ) {
            freeBytes(chunk)
            return undefined
          }
          const count = Math.min(rows, FIRST_ROWS_LIMIT - firstRows)
          const part =
            count === rows ? chunk : slice(readChunk(chunk), 0, count, FIRST_CHUNK_LIMIT_BYTES).chunk
          if (part !== chunk) freeBytes(chunk)
          firstRows += count
          queue.push({ kind: 'rows', firstRow, chunk: part })
          changed()
          return undefined
        }
        case 'all':
          queue.push({ kind: 'rows', firstRow, chunk })
          changed()
          return queue.length < QUEUE_LIMIT ? undefined : waitForRoom(signal)
        default:
          return wanted satisfies never
      }
    },
    end(how) {
      outcome = how
      changed()
    },
  }
}
