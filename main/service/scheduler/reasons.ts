import type { RunId, WaitingReason } from '#contract/run.ts'
import { inTheWay, poolOf } from './line-up.ts'
import type { SchedulerState } from './state.ts'

/** Of a longer line it is said no more than that: who stands in it is not told each time that one before has begun. */
const MAX_AHEAD = 20
/** A run that comes after a thousand shows some of them; the rest is as true, and says no more. */
const MAX_SHOWN = 20

/** Why a run has not started, at this moment: everything that keeps it. Undefined for one that the scheduler does not have. */
export function reasonsOf(state: SchedulerState, id: RunId): WaitingReason[] | undefined {
  const entry = state.entries.get(id)
  if (!entry) return undefined
  if (entry.phase.kind !== 'waiting') return [{ kind: 'starting' }]
  const { terms, notBefore } = entry
  const pool = poolOf(state, entry)
  const reasons: WaitingReason[] = []
  // Nothing else keeps it: not its pool, and no lock.
  if (terms.pipe?.startsWith !== undefined) return [{ kind: 'starts-with', run: terms.pipe.startsWith }]
  if (terms.held) reasons.push({ kind: 'held' })
  for (const [run, on] of first(entry.broken)) reasons.push({ kind: 'after-broken', run, on })
  for (const [run, on] of first(entry.unmet)) reasons.push({ kind: 'after', run, on })
  if (notBefore) {
    const at = Math.round(notBefore.wall)
    reasons.push(notBefore.retry ? { kind: 'retry', at, attempt: entry.attempt } : { kind: 'starts-at', at })
  }
  if (pool.paused) reasons.push({ kind: 'pool-paused', pool: pool.name })
  for (const lock of terms.locks) {
    const other = inTheWay(state, entry, lock)
    if (other) reasons.push({ kind: 'lock', lock, ...other })
  }
  if (pool.concurrency !== null && pool.active >= pool.concurrency) {
    const ahead = pool.ready.has(entry) ? pool.ready.countBefore(entry, MAX_AHEAD) : undefined
    const full = { kind: 'pool-full' as const, pool: pool.name, limit: pool.concurrency }
    reasons.push(ahead === undefined ? full : { ...full, ahead })
  }
  return reasons.length > 0 ? reasons : [{ kind: 'starting' }]
}

function first<K, V>(all: ReadonlyMap<K, V>): [K, V][] {
  const shown: [K, V][] = []
  for (const item of all) {
    if (shown.length === MAX_SHOWN) break
    shown.push(item)
  }
  return shown
}
