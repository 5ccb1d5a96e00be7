import type { RunState } from '#contract/run.ts'
import type { Sessions } from './sessions.ts'

/** So long after it was started a statement is in the middle of its work. */
const INSIDE_MS = 300

/** How a query that was cancelled ended, and how long after the cancel that was confirmed, in milliseconds. */
export interface Cancelled {
  readonly state: RunState
  readonly tookMs: number
}

/** Starts a query that would not end, and cancels it while it is inside its statement. */
export async function timeCancel({ service }: Sessions, database: string, sql: string): Promise<Cancelled> {
  const cancelling = new AbortController()
  const query = service.stream(
    'query.run',
    { kind: 'query', database, mode: 'read-only', sql, rows: 'none' },
    { signal: cancelling.signal },
  )
  let cancelledAt = 0
  let isRunning = false
  for await (const { state } of query) {
    if (state.kind !== 'running' || isRunning) continue
    isRunning = true
    setTimeout(() => {
      cancelledAt = performance.now()
      cancelling.abort()
    }, INSIDE_MS)
  }
  const { state } = await query.result
  return { state, tookMs: performance.now() - cancelledAt }
}
