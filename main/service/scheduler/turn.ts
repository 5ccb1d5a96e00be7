import type { RunId, RunState } from '#contract/run.ts'
import type { Now } from './dues.ts'
import { freeLocks, leaveLines, lineUp, poolOf, takeLocks } from './line-up.ts'
import { isRetried, retryDelay } from './retry-delay.ts'
import type { Effect, Entry, PoolState, SchedulerState } from './state.ts'

/** One event and all that follows from it. */
export interface Turn {
  readonly state: SchedulerState
  readonly now: Now
  /** Between 0 and 1, for what is left to chance. */
  readonly chance: () => number
  readonly effects: Effect[]
  /** What is still to be done: a list and not calls within calls, because a chain of runs may be 10,000 long. */
  readonly rest: (() => void)[]
}

/** Ends a run for good: everything that it had is free, and those that come after it hear of it. */
export function finish(turn: Turn, entry: Entry, last: RunState): void {
  const { state } = turn
  letGo(turn, entry)
  state.entries.delete(entry.id)
  for (const run of [...entry.unmet.keys(), ...entry.broken.keys()]) forgetDependant(state, run, entry.id)
  turn.effects.push({ kind: 'finish', id: entry.id, state: last })
  turn.rest.push(() => tellDependants(turn, entry.id, last.kind === 'done'))
  leaveBatch(turn, entry, last)
}

/** Ends a run that has no process; one that has is stopped, and ends when its processes have. */
export function cancel(turn: Turn, entry: Entry): void {
  const { now } = turn
  switch (entry.phase.kind) {
    case 'waiting':
      return finish(turn, entry, {
        kind: 'cancelled',
        endedAt: now.wall,
        durationMs: 0,
        how: 'before-start',
      })
    case 'starting':
    case 'running':
      if (entry.phase.stop) return
      entry.phase = { kind: entry.phase.kind, stop: 'cancelled' }
      turn.effects.push({ kind: 'stop', id: entry.id })
      return
    case 'paused':
      entry.phase = { kind: 'running', stop: 'cancelled' }
      turn.effects.push({ kind: 'stop', id: entry.id })
      return
    default:
      entry.phase satisfies never
  }
}

/** Takes away what a run holds and waits in. */
function letGo({ state }: Turn, entry: Entry): void {
  const pool = poolOf(state, entry)
  leaveLines(state, entry)
  if (pool.waiting.delete(entry)) {
    if (entry.notBefore) state.dues.delete(entry.notBefore.due)
  } else {
    pool.active -= 1
    freeLocks(state, entry)
  }
  entry.notBefore = undefined
  for (const limit of [entry.waitLimit, entry.runLimit]) if (limit) state.dues.delete(limit)
  entry.waitLimit = undefined
  entry.runLimit = undefined
}

/** What becomes of a run whose process has ended. */
export function concludeAttempt(turn: Turn, entry: Entry, ended: RunState): void {
  const { state } = turn
  const last = timedOut(entry, ended)
  const { terms, attempt } = entry
  if (!isRetried(last, terms, attempt)) return finish(turn, entry, last)
  letGo(turn, entry)
  entry.attempt += 1
  entry.phase = { kind: 'waiting' }
  poolOf(state, entry).waiting.add(entry)
  turn.effects.push({ kind: 'retry', id: entry.id, attempt: entry.attempt, state: last })
  pauseBeforeRetry(turn, entry, retryDelay(terms, attempt, turn.chance()))
  // It has had its turn, so it is the last again at its locks.
  entry.arrival = undefined
  lineUp(state, entry)
}

/** Keeps a run from its next attempt for so many milliseconds. */
export function pauseBeforeRetry({ state, now }: Turn, entry: Entry, ms: number): void {
  if (ms <= 0) return
  const what = { kind: 'may-start' as const, id: entry.id }
  const due = state.dues.add({ clock: 'mono', at: now.mono + ms, what })
  entry.notBefore = { due, retry: true, wall: now.wall + ms }
}

/** A run that was stopped because its time was up has timed out; one that ended by itself just before has not. */
function timedOut({ phase, terms }: Entry, ended: RunState): RunState {
  if (phase.kind !== 'starting' && phase.kind !== 'running') return ended
  if (phase.stop !== 'timed-out' || ended.kind !== 'cancelled') return ended
  return { ...ended, kind: 'timed-out', limitMs: terms.runLimitMs ?? 0 }
}

/** Tells those that come after a run how it ended. */
export function tellDependants(turn: Turn, run: RunId, done: boolean): void {
  const { state, now } = turn
  for (const id of [...(state.dependants.get(run) ?? [])]) {
    const entry = state.entries.get(id)
    const on = entry?.unmet.get(run)
    if (!entry || on === undefined) continue
    const pool = poolOf(state, entry)
    entry.unmet.delete(run)
    const isMet = on === 'end' || (on === 'success') === done
    if (!isMet && pool.paused) {
      entry.broken.set(run, on)
      continue
    }
    forgetDependant(state, run, id)
    if (!isMet) finish(turn, entry, { kind: 'dependency-failed', endedAt: now.wall, run })
    else if (entry.unmet.size === 0) lineUp(state, entry)
  }
}

/** Removes the note that a run comes after another. */
export function forgetDependant(state: SchedulerState, run: RunId, dependant: RunId): void {
  const others = state.dependants.get(run)
  others?.delete(dependant)
  if (others?.size === 0) state.dependants.delete(run)
}

function leaveBatch(turn: Turn, { id, terms: { batch } }: Entry, last: RunState): void {
  const members = batch && turn.state.batches.get(batch.id)
  if (!members) return
  members.delete(id)
  if (members.size === 0) turn.state.batches.delete(batch.id)
  if (batch.stopOnFailure && last.kind !== 'done') turn.rest.push(() => cancelBatch(turn, batch.id))
}

/** Ends every run of a batch that has not ended. */
export function cancelBatch(turn: Turn, batch: number): void {
  for (const id of [...(turn.state.batches.get(batch) ?? [])]) {
    const entry = turn.state.entries.get(id)
    if (entry) cancel(turn, entry)
  }
}

/** Starts what may start, and lets in what there is room for; the end of every turn. */
export function settle(turn: Turn): void {
  const { state } = turn
  for (let next = turn.rest.shift(); next; next = turn.rest.shift()) next()
  for (const pool of state.pools.values()) {
    while (!state.resting && hasPlace(pool)) {
      const first = pool.ready.first()
      if (!first) break
      start(turn, pool, first)
    }
    letIn(turn, pool)
    if (pool.closed && pool.waiting.size + pool.active + pool.reserved.size === 0)
      turn.effects.push({ kind: 'drained', pool: pool.name })
  }
}

function hasPlace({ paused, concurrency, active }: PoolState): boolean {
  return !paused && (concurrency === null || active < concurrency)
}

/** Starts a run that waits, whether its pool has a place or not. */
export function start({ state, effects }: Turn, pool: PoolState, entry: Entry): void {
  takeLocks(state, entry)
  leaveLines(state, entry)
  pool.waiting.delete(entry)
  pool.active += 1
  entry.phase = { kind: 'starting', stop: undefined }
  if (entry.waitLimit) state.dues.delete(entry.waitLimit)
  entry.waitLimit = undefined
  effects.push({ kind: 'start', id: entry.id, attempt: entry.attempt })
}

/** Whether another run may be added to a pool. */
export function hasRoom({ capacity, waiting, reserved }: PoolState): boolean {
  return capacity === 0 || waiting.size + reserved.size < capacity
}

function letIn({ state, effects }: Turn, pool: PoolState): void {
  for (const [ticket, givesUp] of pool.tickets) {
    if (!hasRoom(pool)) return
    pool.tickets.delete(ticket)
    if (givesUp) state.dues.delete(givesUp)
    pool.reserved.add(ticket)
    effects.push({ kind: 'admit', ticket })
  }
}
