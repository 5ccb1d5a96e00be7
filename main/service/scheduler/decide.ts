import type { RunId } from '#contract/run.ts'
import type { RunTerms } from '#contract/terms.ts'
import { failed } from '#kit/request-failed.ts'
import { changePool, leaveRoom, askRoom } from './change-pool.ts'
import type { Now } from './dues.ts'
import type { KnownDependency, SchedulerEvent } from './events.ts'
import { refuseCycle } from './find-cycle.ts'
import { leaveLines, lineUp, poolOf, takeLocks } from './line-up.ts'
import { retryDelay } from './retry-delay.ts'
import type { Effect, Entry, SchedulerState } from './state.ts'
import {
  cancel,
  cancelBatch,
  concludeAttempt,
  finish,
  forgetDependant,
  pauseBeforeRetry,
  settle,
  start,
  tellDependants,
  type Turn,
} from './turn.ts'

type EventOf<K extends SchedulerEvent['kind']> = Extract<SchedulerEvent, { kind: K }>

/**
 * What follows from an event: changes the state, and answers what is to be done outside of it. Knows no clock, no process
 * and no disk: the same events at the same moments have the same effects.
 * @param chance between 0 and 1, for the jitter of retries.
 * @throws RequestFailed `not-found`, `invalid-params` or `queue-full` when the event is not allowed; nothing has changed then.
 */
export function decide(
  state: SchedulerState,
  event: SchedulerEvent,
  now: Now,
  chance: () => number = Math.random,
): Effect[] {
  const turn: Turn = { state, now, chance, effects: [], rest: [] }
  happen(turn, event)
  settle(turn)
  return turn.effects
}

function happen(turn: Turn, event: SchedulerEvent): void {
  const { state } = turn
  switch (event.kind) {
    case 'add':
      return add(turn, event)
    case 'adopt':
      return adopt(turn, event)
    case 'started':
      return started(turn, event.id)
    case 'halted':
      return halted(turn, event.id)
    case 'continued':
      return continued(turn, event.id)
    case 'ended': {
      const entry = state.entries.get(event.id)
      if (!entry) return tellDependants(turn, event.id, event.state.kind === 'done')
      return concludeAttempt(turn, entry, event.state)
    }
    case 'cancel': {
      const entry = state.entries.get(event.id)
      if (entry) cancel(turn, entry)
      return
    }
    case 'begin': {
      const entry = state.entries.get(event.id)
      if (entry?.phase.kind === 'waiting') start(turn, poolOf(state, entry), entry)
      return
    }
    case 'edit':
      return edit(turn, event)
    case 'hold':
    case 'release': {
      const entry = waitingEntry(state, event.id)
      entry.terms = { ...entry.terms, held: event.kind === 'hold' }
      return lineUp(state, entry)
    }
    case 'pool-add':
    case 'pool-set':
    case 'pool-pause':
    case 'pool-resume':
    case 'pool-close':
    case 'pool-open':
    case 'pool-terminate':
      return changePool(turn, event)
    case 'ask-room':
      return askRoom(turn, event)
    case 'leave-room':
      return leaveRoom(turn, event)
    case 'batch-cancel':
      return cancelBatch(turn, event.batch)
    case 'rest':
      state.resting = true
      return
    case 'due':
      return passTime(turn)
    default:
      event satisfies never
  }
}

/** A run that waits. @throws RequestFailed when it does not. */
function waitingEntry(state: SchedulerState, id: RunId): Entry {
  const entry = state.entries.get(id)
  if (entry?.phase.kind === 'waiting') return entry
  throw failed(
    'invalid-params',
    entry
      ? `Run ${id} has started, so it cannot be changed any more. Cancel it and start it anew.`
      : `Run ${id} has ended, so it cannot be changed any more. Restart it as a new run.`,
  )
}

function newEntry(id: RunId, terms: RunTerms, attempt: number): Entry {
  return {
    id,
    terms,
    attempt,
    phase: { kind: 'waiting' },
    unmet: new Map(),
    broken: new Map(),
    notBefore: undefined,
    waitLimit: undefined,
    runLimit: undefined,
    arrival: undefined,
  }
}

function enter(state: SchedulerState, entry: Entry): void {
  state.entries.set(entry.id, entry)
  const { batch } = entry.terms
  if (!batch) return
  const members = state.batches.get(batch.id) ?? new Set()
  state.batches.set(batch.id, members.add(entry.id))
}

function add(turn: Turn, event: EventOf<'add'>): void {
  const { state } = turn
  const { id, terms, attempt, after, ticket } = event
  const entry = newEntry(id, terms, attempt)
  const pool = poolOf(state, entry)
  if (ticket !== undefined) pool.reserved.delete(ticket)
  enter(state, entry)
  pool.waiting.add(entry)
  if (event.retryAt === undefined) awaitTime(turn, entry, event.askedAt)
  // A clock that was set back meanwhile must not make the pause longer than it can be.
  else
    pauseBeforeRetry(turn, entry, Math.min(event.retryAt - turn.now.wall, retryDelay(terms, attempt - 1, 0)))
  // Those that came after an earlier attempt of it, and whose pool was paused when that failed, wait again.
  for (const dependant of state.dependants.get(id) ?? []) {
    const other = state.entries.get(dependant)
    const on = other?.broken.get(id)
    if (!other || on === undefined) continue
    other.broken.delete(id)
    other.unmet.set(id, on)
  }
  comeAfter(turn, entry, after)
}

/** Notes before which moments a run may not start, and may not wait any longer. */
function awaitTime({ state, now }: Turn, entry: Entry, askedAt: number): void {
  const { id, terms } = entry
  const waited = Math.max(0, now.wall - askedAt)
  const what = { kind: 'may-start' as const, id }
  if (terms.startAt !== undefined && terms.startAt > now.wall) {
    const due = state.dues.add({ clock: 'wall', at: terms.startAt, what })
    entry.notBefore = { due, retry: false, wall: terms.startAt }
  } else if (terms.delayMs !== undefined && terms.delayMs > waited) {
    const left = terms.delayMs - waited
    const due = state.dues.add({ clock: 'mono', at: now.mono + left, what })
    entry.notBefore = { due, retry: false, wall: now.wall + left }
  }
  if (terms.waitLimitMs === undefined) return
  const at = now.mono + Math.max(0, terms.waitLimitMs - waited)
  entry.waitLimit = state.dues.add({ clock: 'mono', at, what: { kind: 'wait-limit', id } })
}

/** Notes what a run comes after; some of that may have ended already. */
function comeAfter(turn: Turn, entry: Entry, after: readonly KnownDependency[]): void {
  const { state, now } = turn
  for (const { run, on, done } of after) {
    if (done !== undefined && (on === 'end' || (on === 'success') === done)) continue
    if (done === undefined) entry.unmet.set(run, on)
    else if (poolOf(state, entry).paused) entry.broken.set(run, on)
    else return finish(turn, entry, { kind: 'dependency-failed', endedAt: now.wall, run })
    const others = state.dependants.get(run) ?? new Set()
    state.dependants.set(run, others.add(entry.id))
  }
  lineUp(state, entry)
}

function adopt(turn: Turn, event: EventOf<'adopt'>): void {
  const { state, now } = turn
  const { id, terms, attempt, startedAt, paused, stopping } = event
  const entry = newEntry(id, terms, attempt)
  enter(state, entry)
  poolOf(state, entry).active += 1
  takeLocks(state, entry)
  const left =
    terms.runLimitMs === undefined
      ? undefined
      : Math.max(0, terms.runLimitMs - Math.max(0, now.wall - startedAt))
  entry.phase = paused
    ? { kind: 'paused', limitLeftMs: left }
    : { kind: 'running', stop: stopping ? 'cancelled' : undefined }
  if (!paused) limitRunning(turn, entry, left)
}

function limitRunning({ state, now }: Turn, entry: Entry, left: number | undefined): void {
  if (left === undefined) return
  const what = { kind: 'run-limit' as const, id: entry.id }
  entry.runLimit = state.dues.add({ clock: 'mono', at: now.mono + left, what })
}

function started(turn: Turn, id: RunId): void {
  const entry = turn.state.entries.get(id)
  if (entry?.phase.kind !== 'starting') return
  entry.phase = { kind: 'running', stop: entry.phase.stop }
  limitRunning(turn, entry, entry.terms.runLimitMs)
}

function halted({ state, now }: Turn, id: RunId): void {
  const entry = state.entries.get(id)
  if (entry?.phase.kind !== 'running' || entry.phase.stop) return
  const limitLeftMs = entry.runLimit && Math.max(0, entry.runLimit.at - now.mono)
  if (entry.runLimit) state.dues.delete(entry.runLimit)
  entry.runLimit = undefined
  entry.phase = { kind: 'paused', limitLeftMs }
}

function continued(turn: Turn, id: RunId): void {
  const entry = turn.state.entries.get(id)
  if (entry?.phase.kind !== 'paused') return
  const { limitLeftMs } = entry.phase
  entry.phase = { kind: 'running', stop: undefined }
  limitRunning(turn, entry, limitLeftMs)
}

function edit(turn: Turn, { id, terms, after }: EventOf<'edit'>): void {
  const { state, now } = turn
  const entry = waitingEntry(state, id)
  const to = state.pools.get(terms.pool)
  if (!to) throw failed('not-found', `There is no pool "${terms.pool}".`)
  if (to.closed && terms.pool !== entry.terms.pool)
    throw failed('invalid-params', `The pool "${terms.pool}" is closed. Open it, or name another.`)
  refuseCycle(state, id, after)

  leaveLines(state, entry)
  poolOf(state, entry).waiting.delete(entry)
  // A retry does not become a first attempt by a change of its terms.
  const retryAt = entry.attempt > terms.firstAttempt ? (entry.notBefore?.wall ?? now.wall) : undefined
  for (const run of [...entry.unmet.keys(), ...entry.broken.keys()]) forgetDependant(state, run, id)
  entry.unmet.clear()
  entry.broken.clear()
  if (entry.notBefore) state.dues.delete(entry.notBefore.due)
  if (entry.waitLimit) state.dues.delete(entry.waitLimit)
  state.entries.delete(id)
  add(turn, { kind: 'add', id, terms, attempt: entry.attempt, after, askedAt: now.wall, retryAt })
}

function passTime(turn: Turn): void {
  const { state, now } = turn
  for (let what = state.dues.take(now); what; what = state.dues.take(now)) {
    if (what.kind === 'no-room') {
      state.pools.get(what.pool)?.tickets.delete(what.ticket)
      turn.effects.push({ kind: 'refuse', ticket: what.ticket, because: 'full' })
      continue
    }
    const entry = state.entries.get(what.id)
    if (!entry) continue
    const { kind } = what
    switch (kind) {
      case 'may-start':
        entry.notBefore = undefined
        lineUp(state, entry)
        break
      case 'wait-limit': {
        const limitMs = entry.terms.waitLimitMs ?? 0
        const endedAt = now.wall
        finish(turn, entry, { kind: 'timed-out', endedAt, durationMs: limitMs, limitMs, how: 'before-start' })
        break
      }
      case 'run-limit':
        entry.runLimit = undefined
        if (entry.phase.kind !== 'running' || entry.phase.stop) break
        entry.phase = { kind: 'running', stop: 'timed-out' }
        turn.effects.push({ kind: 'stop', id: entry.id })
        break
      default:
        kind satisfies never
    }
  }
}
