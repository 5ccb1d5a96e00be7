import type { ResultOf } from '#contract/channel.ts'
import type { ServiceContract } from '#contract/service.ts'
import type { RunStore } from '../runs/run-store.ts'

/** Few enough that data which has grown is noticed soon, enough that one slow afternoon does not count. */
const RUNS_LOOKED_AT = 5

/** How long a query took before: the median of its last runs that were done. */
export async function estimate(
  store: Pick<RunStore, 'durations'>,
  database: string,
  sql: string,
): Promise<ResultOf<ServiceContract, 'query.estimate'>> {
  const durations = await store.durations({ database, sql, limit: RUNS_LOOKED_AT })
  const sorted = durations.sort((a, b) => a - b)
  return { durationMs: sorted[Math.floor(sorted.length / 2)] ?? null, basedOn: sorted.length }
}
