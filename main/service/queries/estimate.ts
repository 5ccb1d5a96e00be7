import type { ResultOf } from '#contract/channel.ts'
import type { ServiceContract } from '#contract/service.ts'
import type { RunStore } from '../runs/run-store.ts'
import { RUNS_LOOKED_AT, usualDuration } from '../runs/usual-duration.ts'

/** How long a query took before: the median of its last runs that were done. */
export async function estimate(
  store: Pick<RunStore, 'durations'>,
  database: string,
  sql: string,
): Promise<ResultOf<ServiceContract, 'query.estimate'>> {
  const durations = await store.durations({ database, sql, limit: RUNS_LOOKED_AT })
  return usualDuration(durations)
}
