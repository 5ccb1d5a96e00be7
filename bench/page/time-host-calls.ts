import { RequestFailed } from '#kit/request-failed.ts'
import { startQuery, type QueryOutcome, type QueryRequest } from './run-query.ts'
import type { Sessions } from './sessions.ts'

/**
 * Reads all rows of a query into the page, and meanwhile asks its host one small thing after the other.
 *
 * The only question that a page may put to a host is for rows, once; the second time the host refuses. That refusal goes
 * the whole way through the host's loop, between two slices of the statement, and does no work there.
 */
export async function timeHostCalls(
  sessions: Sessions,
  request: QueryRequest,
): Promise<{ outcome: QueryOutcome; tookMs: number[] }> {
  const { host, outcome } = startQuery(sessions, { ...request, rows: 'all' })
  const over = new AbortController()
  const reading = outcome.finally(() => over.abort())
  const tookMs: number[] = []
  while (!over.signal.aborted) {
    const start = performance.now()
    const refusal = host.stream('rows', {}).result.catch((error: unknown) => error)
    // A host whose query has ended closes the line and answers no more.
    const answer = await Promise.race([refusal, reading])
    if (answer instanceof RequestFailed && answer.code === 'invalid-params')
      tookMs.push(performance.now() - start)
  }
  return { outcome: await reading, tookMs }
}
