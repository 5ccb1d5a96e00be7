import type { RunId, RunState } from '#contract/run.ts'
import { DEFAULT_TERMS, type RunTerms } from '#contract/terms.ts'
import { decide } from './decide.ts'
import type { Now } from './dues.ts'
import type { SchedulerEvent } from './events.ts'
import { reasonsOf } from './reasons.ts'
import { emptyState, type Effect } from './state.ts'

/** What a test says of a run's terms; the rest is as usual. */
export type SomeTerms = Partial<RunTerms>

/** The last state of a run that ended with that exit code at second 0. */
export function exited(exitCode: number): RunState {
  const times = { startedAt: 0, endedAt: 0, durationMs: 0 }
  return exitCode === 0
    ? { kind: 'done', ...times }
    : { kind: 'failed', ...times, cause: { kind: 'exit', exitCode } }
}

/** A scheduler without processes, disk or time of its own: the test says what happens, and when. */
export function openCore(chance: () => number = () => 0) {
  const state = emptyState()
  let now: Now = { wall: 1_000_000, mono: 0 }
  let id = 0
  const ends = new Map<RunId, boolean>()

  function happen(event: SchedulerEvent): Effect[] {
    const effects = decide(state, event, now, chance)
    for (const effect of effects)
      if (effect.kind === 'finish') ends.set(effect.id, effect.state.kind === 'done')
    return effects
  }
  const known = (after: RunTerms['after']) => after.map((one) => ({ ...one, done: ends.get(one.run) }))

  return {
    state,
    happen,
    now: () => now,
    /** Lets both clocks go on. */
    pass(ms: number): Effect[] {
      now = { wall: now.wall + ms, mono: now.mono + ms }
      return happen({ kind: 'due' })
    },
    /** Somebody sets the clock on the wall. */
    setClock(ms: number): Effect[] {
      now = { ...now, wall: now.wall + ms }
      return happen({ kind: 'due' })
    },
    /** Adds the next run. @returns its id and what follows. */
    add(terms: SomeTerms = {}): { id: RunId; effects: Effect[] } {
      id += 1
      const all = { ...DEFAULT_TERMS, ...terms }
      const effects = happen({
        kind: 'add',
        id,
        terms: all,
        attempt: 1,
        after: known(all.after),
        askedAt: now.wall,
      })
      return { id, effects }
    },
    edit(run: RunId, terms: SomeTerms): Effect[] {
      const all = { ...(state.entries.get(run)?.terms ?? DEFAULT_TERMS), ...terms }
      return happen({ kind: 'edit', id: run, terms: all, after: known(all.after) })
    },
    end: (run: RunId, exitCode = 0): Effect[] => happen({ kind: 'ended', id: run, state: exited(exitCode) }),
    pool(name: string, concurrency: number | null, capacity = 0): void {
      happen({ kind: 'pool-add', pool: name, limits: { concurrency, capacity } })
    },
    why: (run: RunId) => reasonsOf(state, run),
  }
}

/** The runs that are started by these effects, in order. */
export function startedBy(effects: readonly Effect[]): RunId[] {
  return effects.flatMap((effect) => (effect.kind === 'start' ? [effect.id] : []))
}

/** The last states that these effects write. */
export function finishedBy(effects: readonly Effect[]): Record<RunId, RunState> {
  return Object.fromEntries(
    effects.flatMap((effect) => (effect.kind === 'finish' ? [[effect.id, effect.state]] : [])),
  )
}
