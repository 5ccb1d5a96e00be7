import type { Lane, LockLine, Pool } from '#contract/terms.ts'
import type { Entry, PoolState, SchedulerState } from './state.ts'
import { startsBefore } from './state.ts'

/** How many runs of each line are told: more than a lane shows without scrolling. */
const TOLD = 30

/** What is told of a pool. */
export function shownPool(pool: PoolState): Pool {
  const { name, concurrency, capacity, paused, closed, waiting, active, tickets } = pool
  return {
    name,
    concurrency,
    capacity,
    paused,
    closed,
    queued: waiting.size,
    running: active,
    waitingForRoom: tickets.size,
  }
}

/** The pools with the beginnings of their lines. Looks at each run once. */
export function lanesOf(state: SchedulerState): Lane[] {
  const runs = new Map<string, Entry[]>()
  const lines = new Map<string, Entry[]>()
  for (const entry of state.entries.values()) {
    const { pool } = entry.terms
    if (entry.phase.kind === 'waiting') putIn(lines, pool, entry, startsBefore)
    else putIn(runs, pool, entry, (a, b) => a.id < b.id)
  }
  return [...state.pools.values()].map((pool) => ({
    ...shownPool(pool),
    runs: idsOf(runs.get(pool.name)),
    line: idsOf(lines.get(pool.name)),
  }))
}

/** The locks that somebody has or wants. */
export function locksOf(state: SchedulerState): LockLine[] {
  const lines = new Map<string, Entry[]>()
  for (const entry of state.entries.values()) {
    if (entry.phase.kind !== 'waiting') continue
    for (const name of entry.terms.locks)
      if (state.locks.get(name)?.line.has(entry)) putIn(lines, name, entry, arrivedBefore)
  }
  return [...state.locks].map(([name, { holder, line }]) => ({
    name,
    holder: holder ?? null,
    line: idsOf(lines.get(name)),
    waiting: line.size,
  }))
}

function arrivedBefore(a: Entry, b: Entry): boolean {
  return (a.arrival ?? 0) < (b.arrival ?? 0)
}

/** Keeps the first of a line, in order. */
function putIn(
  lines: Map<string, Entry[]>,
  name: string,
  entry: Entry,
  before: (a: Entry, b: Entry) => boolean,
): void {
  const line = lines.get(name) ?? []
  lines.set(name, line)
  const last = line.at(-1)
  if (line.length === TOLD && last && before(last, entry)) return
  let at = line.length
  for (let ahead = line[at - 1]; ahead && before(entry, ahead); ahead = line[at - 1]) at -= 1
  line.splice(at, 0, entry)
  if (line.length > TOLD) line.pop()
}

function idsOf(line: readonly Entry[] = []): number[] {
  return line.map(({ id }) => id)
}
