import fc from 'fast-check'
import { expect } from 'vitest'
import type { RunId, RunState } from '#contract/run.ts'
import { DEFAULT_TERMS, type RunTerms } from '#contract/terms.ts'
import { decide } from './decide.ts'
import type { SchedulerEvent } from './events.ts'
import { reasonsOf } from './reasons.ts'
import { exited } from './scheduler-fixture.ts'
import { emptyState, type Effect } from './state.ts'

/** The pause before each retry, in milliseconds. */
const RETRY_MS = 300

/** One step of a random program; numbers choose among what there is. */
export type Step =
  | { readonly do: 'add'; readonly terms: RandomTerms }
  | { readonly do: 'end' | 'fail' | 'cancel' | 'hold' | 'release'; readonly which: number }
  | { readonly do: 'pause' | 'resume' | 'close' | 'open' | 'terminate'; readonly pool: string }
  | { readonly do: 'limit'; readonly pool: string; readonly concurrency: number }
  | { readonly do: 'reprioritise'; readonly which: number; readonly priority: number }
  | { readonly do: 'pass' | 'jump'; readonly ms: number }
  | { readonly do: 'crash' }

/**
 * What runs: a command; a query or transfer, which ends with the service; one that does not begin without its asker, who
 * goes with the service too; or one that stands in no pool, and that others may come after.
 */
type Kind = 'command' | 'hosted' | 'for-asker' | 'plain'

type RandomTerms = Pick<RunTerms, 'pool' | 'priority' | 'locks' | 'held'> & {
  readonly kind: Kind
  readonly after: readonly { readonly back: number; readonly on: 'success' | 'failure' | 'end' }[]
  readonly delayMs: number
  readonly waitLimitMs: number
  readonly retries: number
}

const poolName = fc.constantFrom('default', 'one', 'two')
const some = fc.nat({ max: 40 })

/** Programs of additions of every kind, ends, failures, cancels, pauses, limits, clock jumps and crashes. */
export const programs = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('add' as const),
        terms: fc.record({
          kind: fc.constantFrom<Kind>('command', 'command', 'hosted', 'for-asker', 'plain'),
          pool: poolName,
          priority: fc.nat({ max: 2 }),
          locks: fc.subarray(['x', 'y']),
          held: fc.boolean().map((held) => held && true),
          after: fc.array(
            fc.record({
              back: fc.nat({ max: 5 }),
              on: fc.constantFrom('success' as const, 'failure' as const, 'end' as const),
            }),
            { maxLength: 2 },
          ),
          delayMs: fc.constantFrom(0, 0, 500),
          waitLimitMs: fc.constantFrom(0, 0, 0, 2_000),
          retries: fc.nat({ max: 1 }),
        }),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constantFrom('end' as const, 'fail' as const, 'cancel' as const, 'release' as const),
        which: some,
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('hold' as const), which: some }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constantFrom('pause' as const, 'resume' as const, 'open' as const),
        pool: poolName,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constantFrom('close' as const, 'terminate' as const),
        pool: fc.constantFrom('one', 'two'),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('limit' as const),
        pool: fc.constantFrom('one', 'two'),
        concurrency: fc.integer({ min: 1, max: 3 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('reprioritise' as const),
        which: some,
        priority: fc.nat({ max: 3 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constantFrom('pass' as const, 'jump' as const),
        ms: fc.integer({ min: 0, max: 3_000 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
  ),
  { maxLength: 60 },
)

/** All that is known of a run outside of the scheduler: what the disk and the processes say. */
interface Known {
  readonly id: RunId
  readonly kind: Kind
  terms: RunTerms
  attempt: number
  at: 'waiting' | 'active' | 'over'
  done: boolean
  stopping: boolean
  /** By the clock that never jumps: the earliest start. */
  notBefore: number
  readonly askedAt: number
  /** By the clock on the wall: when the pause before its next attempt is over; undefined for a first attempt. */
  retryAt: number | undefined
  /** Ends of others that broke it, while its pool was paused. */
  broken: boolean
}

/** Runs a scheduler beside a model that looks at every run for every question, and compares them at each step. */
export function openWorld() {
  let state = emptyState()
  let now = { wall: 1_000_000, mono: 0 }
  const runs = new Map<RunId, Known>()
  const starts = new Set<string>()
  const all = (at: Known['at']): Known[] => [...runs.values()].filter((run) => run.at === at)
  const pick = (from: readonly Known[], which: number): Known | undefined => from[which % from.length]

  for (const [pool, concurrency] of [
    ['one', 1],
    ['two', 2],
  ] as const)
    happen({ kind: 'pool-add', pool, limits: { concurrency, capacity: 0 } })

  function happen(event: SchedulerEvent): void {
    for (const effect of decide(state, event, now, () => 0)) apply(effect)
  }

  function apply(effect: Effect): void {
    if (!('id' in effect)) return
    const run = runs.get(effect.id)
    if (!run) throw new Error(`Run ${effect.id} is not known.`)
    expect(run.at, `run ${run.id} before ${effect.kind}`).not.toBe('over')
    switch (effect.kind) {
      case 'start':
        return begin(run, effect.attempt)
      case 'finish':
        run.at = 'over'
        run.done = effect.state.kind === 'done'
        return
      case 'retry':
        run.at = 'waiting'
        run.attempt = effect.attempt
        run.notBefore = now.mono + RETRY_MS
        run.retryAt = now.wall + RETRY_MS
        run.terms = { ...run.terms, delayMs: undefined, waitLimitMs: undefined, after: [] }
        return
      case 'stop':
        expect(run.at).toBe('active')
        run.stopping = true
        return
      default:
        effect satisfies never
    }
  }

  function begin(run: Known, attempt: number): void {
    const pool = state.pools.get(run.terms.pool)
    expect(pool?.paused).toBe(false)
    const others = all('active').filter((other) => other.terms.pool === run.terms.pool)
    expect(others.length).toBeLessThan(pool?.concurrency ?? Infinity)
    expect(blockedByItself(run)).toBe(false)
    expect(all('active').some((other) => sharesLock(run, other))).toBe(false)
    const better = betterThan(run).filter(({ terms }) => terms.locks.length === 0)
    expect(better.map(({ id }) => id)).toEqual([])
    expect(starts.has(`${run.id}.${attempt}`), 'started twice').toBe(false)
    starts.add(`${run.id}.${attempt}`)
    run.at = 'active'
  }

  /** Those of its pool that would start before a run, as far as they go themselves. */
  function betterThan(run: Known): Known[] {
    return all('waiting').filter(
      (other) =>
        other.terms.pool === run.terms.pool &&
        !blockedByItself(other) &&
        (other.terms.priority > run.terms.priority ||
          (other.terms.priority === run.terms.priority && other.id < run.id)),
    )
  }

  function blockedByItself(run: Known): boolean {
    return (
      run.terms.held ||
      run.broken ||
      now.mono < run.notBefore ||
      run.terms.after.some(({ run: id, on }) => {
        const other = runs.get(id)
        if (other?.at !== 'over') return true
        return on !== 'end' && (on === 'success') !== other.done
      })
    )
  }
  const sharesLock = (one: Known, other: Known): boolean =>
    one.terms.locks.some((lock) => other.terms.locks.includes(lock))

  /** Nothing that could run stays behind, and what is said about waiting is true. */
  function check(): void {
    for (const run of all('waiting')) {
      const pool = state.pools.get(run.terms.pool)
      const inPool = all('active').filter((other) => other.terms.pool === run.terms.pool).length
      const isFull = inPool >= (pool?.concurrency ?? Infinity)
      const isBehind = [...all('active'), ...all('waiting')].some(
        (other) =>
          other !== run &&
          sharesLock(run, other) &&
          (other.at === 'active' || (!blockedByItself(other) && !state.pools.get(other.terms.pool)?.paused)),
      )
      const isBlocked = blockedByItself(run) || pool?.paused === true || isFull || isBehind
      expect(isBlocked, `run ${run.id} could run`).toBe(true)
      const reasons = reasonsOf(state, run.id) ?? []
      const kinds = new Set(reasons.map(({ kind }) => kind))
      expect(kinds.has('starting')).toBe(false)
      expect(kinds.has('held')).toBe(run.terms.held)
      expect(kinds.has('pool-paused')).toBe(pool?.paused)
      expect(kinds.has('pool-full')).toBe(isFull)
      expect(kinds.has('retry') || kinds.has('starts-at')).toBe(now.mono < run.notBefore)
      for (const reason of reasons) {
        if (reason.kind === 'after') expect(runs.get(reason.run)?.at).not.toBe('over')
        if (reason.kind === 'pool-full' && reason.ahead !== undefined)
          expect(reason.ahead).toBeLessThanOrEqual(betterThan(run).length)
        if (reason.kind === 'lock') expect(runs.get(reason.run)?.at).toBe(reason.holds ? 'active' : 'waiting')
      }
    }
  }

  function after(terms: RunTerms) {
    return terms.after.map((one) => {
      const other = runs.get(one.run)
      return { ...one, done: other?.at === 'over' ? other.done : undefined }
    })
  }

  function add(random: RandomTerms): void {
    const id = runs.size + 1
    if (state.pools.get(random.pool)?.closed) return
    const { kind, after: wanted, delayMs, waitLimitMs, retries, ...rest } = random
    const terms: RunTerms = {
      ...DEFAULT_TERMS,
      ...rest,
      after: wanted.flatMap(({ back, on }) => (id - 1 - back > 0 ? [{ run: id - 1 - back, on }] : [])),
      ...(delayMs > 0 && { delayMs }),
      ...(waitLimitMs > 0 && { waitLimitMs }),
      ...(retries > 0 &&
        kind === 'command' && {
          retries: {
            count: retries,
            delayMs: RETRY_MS,
            backoff: 1,
            maxDelayMs: RETRY_MS,
            jitter: 0,
            on: ['failed' as const],
          },
        }),
    }
    const seen = new Set<RunId>()
    const once = { ...terms, after: terms.after.filter(({ run }) => !seen.has(run) && seen.add(run)) }
    const known: Known = {
      id,
      kind,
      terms: once,
      attempt: 1,
      at: 'waiting',
      done: false,
      stopping: false,
      notBefore: now.mono + delayMs,
      askedAt: now.wall,
      retryAt: undefined,
      broken: false,
    }
    runs.set(id, known)
    if (kind === 'plain') return begunAtOnce(known)
    happen({ kind: 'add', id, terms: once, attempt: 1, after: after(once), askedAt: now.wall })
  }

  function begunAtOnce(run: Known): void {
    run.terms = { ...DEFAULT_TERMS, pool: 'none' }
    run.at = 'active'
  }

  /** Everything in memory is gone; what the disk and the processes know is taken up again. */
  function crash(): void {
    const before = state
    state = emptyState()
    for (const [name, { concurrency, capacity, paused, closed }] of before.pools) {
      if (name !== 'default') happen({ kind: 'pool-add', pool: name, limits: { concurrency, capacity } })
      if (paused) happen({ kind: 'pool-pause', pool: name })
      if (closed) happen({ kind: 'pool-close', pool: name })
    }
    for (const run of runs.values()) {
      const isLost = run.kind === 'for-asker' || (run.at === 'active' && run.kind !== 'command')
      if (isLost && run.at !== 'over') lose(run)
    }
    for (const { id, terms, attempt, stopping } of all('active'))
      happen({ kind: 'adopt', id, terms, attempt, startedAt: now.wall, paused: false, stopping })
    for (const run of all('waiting')) {
      const { id, terms, attempt, askedAt, retryAt } = run
      // Its delay counts from when it was asked for; the pause before a retry goes on, and the clock makes it no longer.
      const left =
        retryAt === undefined
          ? (terms.delayMs ?? 0) - Math.max(0, now.wall - askedAt)
          : Math.min(retryAt - now.wall, RETRY_MS)
      run.notBefore = now.mono + Math.max(0, left)
      happen({ kind: 'add', id, terms, attempt, after: after(terms), askedAt, retryAt })
    }
  }

  function lose(run: Known): void {
    run.at = 'over'
    run.done = false
  }

  function end(run: Known, exitCode: number): void {
    const times = { startedAt: 0, endedAt: 0, durationMs: 0 }
    const last: RunState = run.stopping
      ? { kind: 'cancelled', ...times, how: 'terminated' }
      : exited(exitCode)
    if (run.kind === 'plain') {
      run.at = 'over'
      run.done = last.kind === 'done'
    }
    happen({ kind: 'ended', id: run.id, state: last })
  }

  function take(step: Step): void {
    switch (step.do) {
      case 'add':
        return add(step.terms)
      case 'end':
      case 'fail': {
        const run = pick(all('active'), step.which)
        if (run) end(run, step.do === 'end' ? 0 : 1)
        return
      }
      case 'cancel': {
        const run = pick([...runs.values()], step.which)
        if (run) happen({ kind: 'cancel', id: run.id })
        return
      }
      case 'hold':
      case 'release': {
        const run = pick(all('waiting'), step.which)
        if (!run) return
        run.terms = { ...run.terms, held: step.do === 'hold' }
        return happen({ kind: step.do, id: run.id })
      }
      case 'pause':
      case 'resume':
      case 'open':
        return happen({ kind: `pool-${step.do}`, pool: step.pool })
      case 'close':
      case 'terminate':
        return happen({ kind: `pool-${step.do}`, pool: step.pool })
      case 'limit': {
        const { pool, concurrency } = step
        return happen({ kind: 'pool-set', pool, limits: { concurrency } })
      }
      case 'reprioritise': {
        const run = pick(all('waiting'), step.which)
        if (!run) return
        run.terms = { ...run.terms, priority: step.priority, delayMs: undefined, waitLimitMs: undefined }
        if (run.retryAt === undefined) run.notBefore = now.mono
        return happen({ kind: 'edit', id: run.id, terms: run.terms, after: after(run.terms) })
      }
      case 'pass':
        now = { wall: now.wall + step.ms, mono: now.mono + step.ms }
        return happen({ kind: 'due' })
      case 'jump':
        now = { ...now, wall: now.wall + 2 * step.ms - 3_000 }
        return happen({ kind: 'due' })
      case 'crash':
        return crash()
      default:
        step satisfies never
    }
  }

  return {
    take(step: Step): void {
      take(step)
      check()
    },
    /** Lets everything go on until nothing can. @returns the runs that have not ended. */
    settle(): RunId[] {
      for (const pool of ['default', 'one', 'two']) take({ do: 'resume', pool })
      // Each round ends at least one run or attempt, or lets a delay pass.
      for (let round = 0; round < 4 * runs.size + 4; round++) {
        for (const run of all('waiting'))
          if (run.terms.held) take({ do: 'release', which: all('waiting').indexOf(run) })
        take({ do: 'pass', ms: 3_000 })
        check()
        for (const run of all('active')) end(run, 0)
      }
      return [...runs.values()].filter(({ at }) => at !== 'over').map(({ id }) => id)
    },
    /** What is still kept of runs when all have ended. */
    leftovers: () => state.entries.size + state.dependants.size + state.locks.size + state.batches.size,
  }
}
