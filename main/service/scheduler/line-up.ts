import type { RunId } from '#contract/run.ts'
import { freeLock, type Entry, type LockState, type PoolState, type SchedulerState } from './state.ts'

/** The pool of a run. @throws Error when there is none: terms are checked before a run is taken. */
export function poolOf(state: SchedulerState, { id, terms }: Entry): PoolState {
  const pool = state.pools.get(terms.pool)
  if (!pool) throw new Error(`Run ${id} is in the pool "${terms.pool}", which there is not.`)
  return pool
}

function lockOf(state: SchedulerState, name: string): LockState {
  let lock = state.locks.get(name)
  if (!lock) state.locks.set(name, (lock = freeLock()))
  return lock
}

/** Forgets a lock that nobody has or wants. */
function tidy(state: SchedulerState, name: string): void {
  const lock = state.locks.get(name)
  if (lock && lock.holder === undefined && lock.line.size === 0) state.locks.delete(name)
}

/** Whether nothing but a place and its locks keeps a run from starting. */
function couldStart(entry: Entry, pool: PoolState): boolean {
  return (
    entry.phase.kind === 'waiting' &&
    entry.unmet.size === 0 &&
    entry.broken.size === 0 &&
    entry.notBefore === undefined &&
    !entry.terms.held &&
    entry.terms.pipe?.startsWith === undefined &&
    !pool.paused
  )
}

/**
 * Puts a run where it belongs after something about it has changed: into the lines of its locks and, once it is the first
 * in each of them and they are free, among those that its pool starts next. Locks are taken all at once, with the place,
 * so nobody holds one while waiting for another and no cycle of locks can come about.
 */
export function lineUp(state: SchedulerState, entry: Entry): void {
  leaveLines(state, entry)
  const pool = poolOf(state, entry)
  if (!couldStart(entry, pool)) return
  entry.arrival ??= ++state.arrivals
  for (const name of entry.terms.locks) joinLine(state, lockOf(state, name), entry)
  letForward(state, entry)
}

/** Puts a run into the line of a lock, by its arrival: one whose pool was paused comes back before those that came later. */
function joinLine(state: SchedulerState, { line }: LockState, entry: Entry): void {
  const first = line.first()
  line.add(entry)
  if (first && line.first() === entry) poolOf(state, first).ready.delete(first)
}

/** Takes a run out of every line; whoever is first behind it may now be next. */
export function leaveLines(state: SchedulerState, entry: Entry): void {
  poolOf(state, entry).ready.delete(entry)
  for (const name of entry.terms.locks) {
    const lock = state.locks.get(name)
    if (!lock?.line.delete(entry)) continue
    letFirstForward(state, lock)
    tidy(state, name)
  }
}

/** Gives a run all of its locks. It must be first in their lines. */
export function takeLocks(state: SchedulerState, { id, terms }: Entry): void {
  for (const name of terms.locks) lockOf(state, name).holder = id
}

/** Frees the locks of a run that has really ended. */
export function freeLocks(state: SchedulerState, { id, terms }: Entry): void {
  for (const name of terms.locks) {
    const lock = state.locks.get(name)
    if (lock?.holder !== id) continue
    lock.holder = undefined
    letFirstForward(state, lock)
    tidy(state, name)
  }
}

/** Who keeps a waiting run from a lock, and whether that one has it or only came before. */
export function inTheWay(
  state: SchedulerState,
  entry: Entry,
  name: string,
): { readonly run: RunId; readonly holds: boolean } | undefined {
  const lock = state.locks.get(name)
  if (!lock?.line.has(entry)) return undefined
  if (lock.holder !== undefined) return { run: lock.holder, holds: true }
  const first = lock.line.first()
  return first && first !== entry ? { run: first.id, holds: false } : undefined
}

function letFirstForward(state: SchedulerState, lock: LockState): void {
  const first = lock.line.first()
  if (first && lock.holder === undefined) letForward(state, first)
}

function letForward(state: SchedulerState, entry: Entry): void {
  const isNext = entry.terms.locks.every((name) => {
    const lock = state.locks.get(name)
    return lock?.holder === undefined && lock?.line.first() === entry
  })
  if (isNext) poolOf(state, entry).ready.add(entry)
}
