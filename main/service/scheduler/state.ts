import type { RunId, RunState } from '#contract/run.ts'
import { DEFAULT_POOL, type DependencyOn, type RunTerms } from '#contract/terms.ts'
import { createDues, type Due, type Dues } from './dues.ts'
import { createHeap, type Heap } from './heap.ts'

/** Why a run that has its place is being stopped. */
export type StopCause = 'cancelled' | 'timed-out'

/** How far a run is, as the scheduler sees it. A final one is not kept: nothing can happen to it. */
export type Phase =
  | { readonly kind: 'waiting' }
  /** It has its place and its locks, and its process is being started. */
  | { readonly kind: 'starting'; readonly stop: StopCause | undefined }
  | { readonly kind: 'running'; readonly stop: StopCause | undefined }
  /** Halted, with `limitLeftMs` of its running time left. */
  | { readonly kind: 'paused'; readonly limitLeftMs: number | undefined }

/** A run that has not ended. */
export interface Entry {
  readonly id: RunId
  terms: RunTerms
  attempt: number
  phase: Phase
  /** The runs that it comes after and that have not ended. */
  readonly unmet: Map<RunId, DependencyOn>
  /** Those that ended otherwise than it needs, while its pool was paused. */
  readonly broken: Map<RunId, DependencyOn>
  /** It may not start before; `retry` says that this is the pause after an attempt. */
  notBefore: { readonly due: Due<DueEvent>; readonly retry: boolean; readonly wall: number } | undefined
  waitLimit: Due<DueEvent> | undefined
  runLimit: Due<DueEvent> | undefined
  /** Its place in the lines of its locks: the smaller came first. Kept while its pool is paused, when it is in none. */
  arrival: number | undefined
}

export type DueEvent =
  | { readonly kind: 'may-start' | 'wait-limit' | 'run-limit'; readonly id: RunId }
  | { readonly kind: 'no-room'; readonly pool: string; readonly ticket: number }

/** A waiting line and its places. */
export interface PoolState {
  readonly name: string
  concurrency: number | null
  capacity: number
  paused: boolean
  closed: boolean
  /** Runs that could start as far as they themselves go; the next to start is its first. */
  readonly ready: Heap<Entry>
  /** Every waiting run of the pool. */
  readonly waiting: Set<Entry>
  /** How many runs have a place. */
  active: number
  /** Rooms that were given and not moved into yet, by ticket. */
  readonly reserved: Set<number>
  /** Askers for room, in order of arrival, with the moment when they give up. */
  readonly tickets: Map<number, Due<DueEvent> | undefined>
}

/** A named lock: who holds it, and who is next. */
export interface LockState {
  holder: RunId | undefined
  readonly line: Heap<Entry>
}

/** All that is known of runs that have not ended. Changed in place: a copy of 10,000 runs for each event would be slow. */
export interface SchedulerState {
  readonly pools: Map<string, PoolState>
  readonly entries: Map<RunId, Entry>
  /** Which waiting runs come after a run. */
  readonly dependants: Map<RunId, Set<RunId>>
  readonly locks: Map<string, LockState>
  /** Those of each batch. */
  readonly batches: Map<number, Set<RunId>>
  readonly dues: Dues<DueEvent>
  arrivals: number
  /** Offloop is about to end: nothing starts any more. */
  resting: boolean
}

/** What is to be done because of an event, in this order. */
export type Effect =
  /** Write the intent, then start its process. */
  | { readonly kind: 'start'; readonly id: RunId; readonly attempt: number }
  /** End its processes. */
  | { readonly kind: 'stop'; readonly id: RunId }
  /** Write its last state. */
  | { readonly kind: 'finish'; readonly id: RunId; readonly state: RunState }
  /** Write how its attempt ended, and that it waits for the next. */
  | { readonly kind: 'retry'; readonly id: RunId; readonly attempt: number; readonly state: RunState }
  | { readonly kind: 'admit'; readonly ticket: number }
  | { readonly kind: 'refuse'; readonly ticket: number; readonly because: 'full' | 'closed' }
  /** A closed pool has nothing left. */
  | { readonly kind: 'drained'; readonly pool: string }

/** Next to start: the highest priority, then the lowest id. */
export function startsBefore(a: Entry, b: Entry): boolean {
  return a.terms.priority === b.terms.priority ? a.id < b.id : a.terms.priority > b.terms.priority
}

/** A pool with nothing in it. */
export function emptyPool(
  name: string,
  of: Pick<PoolState, 'concurrency' | 'capacity' | 'paused' | 'closed'>,
): PoolState {
  return {
    name,
    concurrency: of.concurrency,
    capacity: of.capacity,
    paused: of.paused,
    closed: of.closed,
    ready: createHeap(startsBefore),
    waiting: new Set(),
    active: 0,
    reserved: new Set(),
    tickets: new Map(),
  }
}

/** A lock that nobody has. */
export function freeLock(): LockState {
  return { holder: undefined, line: createHeap((a, b) => (a.arrival ?? Infinity) < (b.arrival ?? Infinity)) }
}

/** The scheduler of a new profile: the default pool, in which as many may run as want to. */
export function emptyState(): SchedulerState {
  const open = { concurrency: null, capacity: 0, paused: false, closed: false }
  return {
    pools: new Map([[DEFAULT_POOL, emptyPool(DEFAULT_POOL, open)]]),
    entries: new Map(),
    dependants: new Map(),
    locks: new Map(),
    batches: new Map(),
    dues: createDues(),
    arrivals: 0,
    resting: false,
  }
}
