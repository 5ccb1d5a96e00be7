import type { SearchQuery } from '#contract/output-search.ts'
import type { RunId } from '#contract/run.ts'
import type { Sessions } from './sessions.ts'

/** What a search found and how long it took, in milliseconds from asking. */
export interface SearchOutcome {
  readonly total: number
  readonly firstHitsMs: number
  readonly wholeMs: number
}

/** Searches a whole output. */
export async function searchOutput(
  { service }: Sessions,
  id: RunId,
  query: SearchQuery,
): Promise<SearchOutcome> {
  const start = performance.now()
  let firstHitsMs = Infinity
  const searching = service.stream('output.search', { id, query })
  for await (const { hits } of searching)
    if (hits.length > 0) firstHitsMs = Math.min(firstHitsMs, performance.now() - start)
  const { total } = await searching.result
  return { total, firstHitsMs, wholeMs: performance.now() - start }
}
