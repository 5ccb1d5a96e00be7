import { DEFAULT_POOL, type PoolChange } from '#contract/terms.ts'
import { failed } from '#kit/request-failed.ts'
import type { SchedulerEvent } from './events.ts'
import { leaveLines, lineUp } from './line-up.ts'
import { emptyPool, type PoolState, type SchedulerState } from './state.ts'
import { cancel, finish, hasRoom, type Turn } from './turn.ts'

type PoolEvent = Extract<SchedulerEvent, { kind: `pool-${string}` }>
type RoomEvent = Extract<SchedulerEvent, { kind: `${string}-room` }>

/** The pool of a name. @throws RequestFailed `not-found` */
export function namedPool(state: SchedulerState, name: string): PoolState {
  const pool = state.pools.get(name)
  if (pool) return pool
  const names = [...state.pools.keys()].join(', ')
  throw failed('not-found', `There is no pool "${name}". The pools are ${names}.`)
}

function checkLimits({ concurrency }: PoolChange, name: string): void {
  if (concurrency === undefined || concurrency === null || concurrency >= 1) return
  throw failed(
    'invalid-params',
    `The pool "${name}" cannot run ${concurrency} at once: at least 1. To let nothing start, pause it.`,
  )
}

/** Does what was decided about a pool. @throws RequestFailed */
export function changePool(turn: Turn, event: PoolEvent): void {
  const { state } = turn
  if (event.kind === 'pool-add') {
    checkLimits(event.limits, event.pool)
    if (state.pools.has(event.pool))
      throw failed('invalid-params', `There is a pool "${event.pool}" already. Its limits can be set.`)
    state.pools.set(event.pool, emptyPool(event.pool, { ...event.limits, paused: false, closed: false }))
    return
  }
  const pool = namedPool(state, event.pool)
  switch (event.kind) {
    case 'pool-set':
      checkLimits(event.limits, pool.name)
      pool.concurrency = event.limits.concurrency === undefined ? pool.concurrency : event.limits.concurrency
      pool.capacity = event.limits.capacity ?? pool.capacity
      return
    case 'pool-pause':
      if (pool.paused) return
      pool.paused = true
      // Who cannot start must not stand in the way of others at a lock.
      for (const entry of pool.waiting) leaveLines(state, entry)
      return
    case 'pool-resume':
      return resume(turn, pool)
    case 'pool-close':
      return close(turn, pool)
    case 'pool-open':
      pool.closed = false
      return
    case 'pool-terminate':
      close(turn, pool)
      for (const entry of state.entries.values()) if (entry.terms.pool === pool.name) cancel(turn, entry)
      return
    default:
      event satisfies never
  }
}

function resume(turn: Turn, pool: PoolState): void {
  if (!pool.paused) return
  pool.paused = false
  for (const entry of [...pool.waiting]) {
    const [run] = entry.broken.keys()
    if (run === undefined) lineUp(turn.state, entry)
    else if (turn.state.entries.has(entry.id))
      finish(turn, entry, { kind: 'dependency-failed', endedAt: turn.now.wall, run })
  }
}

function close({ state, effects }: Turn, pool: PoolState): void {
  if (pool.name === DEFAULT_POOL)
    throw failed(
      'invalid-params',
      `The pool "${DEFAULT_POOL}" cannot be closed: whatever names no pool is in it. Pause it instead.`,
    )
  pool.closed = true
  for (const [ticket, givesUp] of pool.tickets) {
    if (givesUp) state.dues.delete(givesUp)
    effects.push({ kind: 'refuse', ticket, because: 'closed' })
  }
  pool.tickets.clear()
}

/** Says that a pool takes nothing more. */
export function poolClosed(name: string) {
  return failed(
    'invalid-params',
    `The pool is closed: "${name}" takes no more runs. Open it, or name another.`,
  )
}

/** Says that a pool is full. */
export function poolFull(name: string, capacity: number) {
  return failed(
    'queue-full',
    `The pool "${name}" is full: ${capacity} runs wait in it, which is its capacity. Wait for room, or raise it.`,
  )
}

/** Somebody wants to add a run. @throws RequestFailed `queue-full`, or `invalid-params` when the pool is closed. */
export function askRoom(
  { state, now, effects }: Turn,
  event: Extract<RoomEvent, { kind: 'ask-room' }>,
): void {
  const { ticket, whenFull, waitMs } = event
  const pool = namedPool(state, event.pool)
  if (pool.closed) throw poolClosed(pool.name)
  if (hasRoom(pool) && pool.tickets.size === 0) {
    pool.reserved.add(ticket)
    effects.push({ kind: 'admit', ticket })
    return
  }
  if (whenFull === 'refuse') throw poolFull(pool.name, pool.capacity)
  const what = { kind: 'no-room' as const, pool: pool.name, ticket }
  const givesUp =
    waitMs === undefined ? undefined : state.dues.add({ clock: 'mono', at: now.mono + waitMs, what })
  pool.tickets.set(ticket, givesUp)
}

/** The asker is gone. */
export function leaveRoom({ state }: Turn, { pool: name, ticket }: RoomEvent): void {
  const pool = namedPool(state, name)
  const givesUp = pool.tickets.get(ticket)
  if (givesUp) state.dues.delete(givesUp)
  pool.tickets.delete(ticket)
  pool.reserved.delete(ticket)
}
