import type { RunTerms } from '#contract/terms.ts'
import type { KnownDependency } from './events.ts'
import type { SchedulerState } from './state.ts'

/** Whether a run on these terms would start as soon as it is added: its intent to start is then written with the run itself. */
export function startsAtOnce(
  state: SchedulerState,
  terms: RunTerms,
  after: readonly KnownDependency[],
  wall: number,
): boolean {
  const pool = state.pools.get(terms.pool)
  if (!pool || state.resting || pool.paused || terms.held || terms.delayMs !== undefined) return false
  if (terms.pipe?.startsWith !== undefined) return false
  if (terms.startAt !== undefined && terms.startAt > wall) return false
  if (after.some(({ done, on }) => done === undefined || (on !== 'end' && (on === 'success') !== done)))
    return false
  if (pool.concurrency !== null && pool.active + pool.ready.size >= pool.concurrency) return false
  return terms.locks.every((name) => !state.locks.has(name))
}
