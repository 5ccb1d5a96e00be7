import { describe, expect, test } from 'vitest'
import type { Retries } from '#contract/terms.ts'
import { exited, finishedBy, openCore, startedBy } from './scheduler-fixture.ts'

const retries: Retries = {
  count: 2,
  delayMs: 1_000,
  backoff: 2,
  maxDelayMs: 60_000,
  jitter: 0,
  on: ['failed', 'killed', 'timed-out'],
}

describe('next to start', () => {
  test('is the highest priority, then the lowest id, among those that may', () => {
    const core = openCore()
    core.pool('p', 1)
    const first = core.add({ pool: 'p' })
    expect(startedBy(first.effects)).toEqual([1])
    const [low, high, also] = [0, 5, 5].map((priority) => core.add({ pool: 'p', priority }).id)
    expect(startedBy(core.end(1))).toEqual([high])
    expect(startedBy(core.end(high ?? 0))).toEqual([also])
    expect(startedBy(core.end(also ?? 0))).toEqual([low])
  })

  test('a lower concurrency stops nothing, and a higher one fills its places at once', () => {
    const core = openCore()
    core.pool('p', 3)
    for (let count = 0; count < 6; count++) core.add({ pool: 'p' })
    expect(core.happen({ kind: 'pool-set', pool: 'p', limits: { concurrency: 1 } })).toEqual([])
    expect(startedBy([...core.end(1), ...core.end(2)])).toEqual([])
    expect(startedBy(core.end(3))).toEqual([4])
    expect(startedBy(core.happen({ kind: 'pool-set', pool: 'p', limits: { concurrency: 3 } }))).toEqual([
      5, 6,
    ])
  })

  test('a paused run keeps its place', () => {
    const core = openCore()
    core.pool('p', 1)
    core.add({ pool: 'p' })
    core.add({ pool: 'p' })
    core.happen({ kind: 'started', id: 1 })
    core.happen({ kind: 'halted', id: 1 })
    expect(core.why(2)).toEqual([{ kind: 'pool-full', pool: 'p', limit: 1, ahead: 0 }])
    core.happen({ kind: 'continued', id: 1 })
    expect(startedBy(core.end(1))).toEqual([2])
  })

  test('a run that is held starts when it is released', () => {
    const core = openCore()
    expect(startedBy(core.add({ held: true }).effects)).toEqual([])
    expect(core.why(1)).toEqual([{ kind: 'held' }])
    expect(startedBy(core.happen({ kind: 'release', id: 1 }))).toEqual([1])
  })
})

test('before Offloop ends nothing starts any more, whatever ends and whatever is added', () => {
  const core = openCore()
  core.pool('p', 1)
  core.add({ pool: 'p' })
  core.add({ pool: 'p' })
  core.happen({ kind: 'rest' })
  expect(startedBy(core.end(1))).toEqual([])
  expect(startedBy(core.add().effects)).toEqual([])
  expect(core.state.entries.get(2)?.phase.kind).toBe('waiting')
})

test('every reason why a run waits is shown, and none that is over', () => {
  const core = openCore()
  core.pool('p', 1)
  core.add({ pool: 'p', locks: ['gpu'] })
  const { wall } = core.now()
  const { id } = core.add({
    pool: 'p',
    locks: ['gpu'],
    after: [{ run: 1, on: 'end' }],
    startAt: wall + 5_000,
    held: true,
  })
  core.happen({ kind: 'pool-pause', pool: 'p' })
  expect(core.why(id)).toEqual([
    { kind: 'held' },
    { kind: 'after', run: 1, on: 'end' },
    { kind: 'starts-at', at: wall + 5_000 },
    { kind: 'pool-paused', pool: 'p' },
    { kind: 'pool-full', pool: 'p', limit: 1 },
  ])
  core.happen({ kind: 'pool-resume', pool: 'p' })
  core.happen({ kind: 'release', id })
  core.end(1)
  expect(core.why(id)).toEqual([{ kind: 'starts-at', at: wall + 5_000 }])
  expect(startedBy(core.pass(5_000))).toEqual([id])
  expect(core.why(id)).toEqual([{ kind: 'starting' }])
})

describe('a run that comes after another', () => {
  test.each([
    ['success', 0, true],
    ['success', 1, false],
    ['failure', 0, false],
    ['failure', 1, true],
    ['end', 0, true],
    ['end', 1, true],
  ] as const)('after %s, when that exits with %i', (on, code, starts) => {
    const core = openCore()
    core.add()
    const { id } = core.add({ after: [{ run: 1, on }] })
    const effects = core.end(1, code)
    expect(startedBy(effects)).toEqual(starts ? [id] : [])
    expect(finishedBy(effects)[id]).toEqual(
      starts ? undefined : { kind: 'dependency-failed', endedAt: core.now().wall, run: 1 },
    )
    // And one that is asked for when the other has ended already.
    const late = core.add({ after: [{ run: 1, on }] })
    expect(startedBy(late.effects)).toEqual(starts ? [late.id] : [])
    expect(finishedBy(late.effects)[late.id]?.kind).toBe(starts ? undefined : 'dependency-failed')
  })

  test('fails with a whole chain behind it, however long', () => {
    const core = openCore()
    core.add()
    for (let run = 1; run < 20_000; run++) core.add({ after: [{ run, on: 'success' }] })
    expect(Object.keys(finishedBy(core.end(1, 1)))).toHaveLength(20_000)
    expect(core.state.entries.size + core.state.dependants.size).toBe(0)
  })

  test('waits on in a paused pool, where the other can be restarted', () => {
    const core = openCore()
    core.pool('p', 1)
    core.add()
    const { id } = core.add({ pool: 'p', after: [{ run: 1, on: 'success' }] })
    core.happen({ kind: 'pool-pause', pool: 'p' })
    expect(Object.keys(finishedBy(core.end(1, 1)))).toEqual(['1'])
    expect(core.why(id)?.[0]).toEqual({ kind: 'after-broken', run: 1, on: 'success' })
    const terms = { ...(core.state.entries.get(id)?.terms ?? never()), pool: 'default', after: [] }
    core.happen({ kind: 'add', id: 1, terms, attempt: 2, after: [], askedAt: 0 })
    expect(core.why(id)?.[0]).toEqual({ kind: 'after', run: 1, on: 'success' })
    core.end(1, 0)
    expect(startedBy(core.happen({ kind: 'pool-resume', pool: 'p' }))).toEqual([id])
  })

  test('fails when the pool goes on and the other was not repaired', () => {
    const core = openCore()
    core.pool('p', 1)
    core.add()
    const { id } = core.add({ pool: 'p', after: [{ run: 1, on: 'success' }] })
    core.happen({ kind: 'pool-pause', pool: 'p' })
    core.end(1, 1)
    expect(finishedBy(core.happen({ kind: 'pool-resume', pool: 'p' }))[id]?.kind).toBe('dependency-failed')
    expect(core.state.dependants.size).toBe(0)
  })

  test('may come after what is no command: whoever knows tells of its end', () => {
    const core = openCore()
    const { id } = core.add({ after: [{ run: 900, on: 'success' }] })
    expect(core.why(id)).toEqual([{ kind: 'after', run: 900, on: 'success' }])
    expect(startedBy(core.end(900))).toEqual([id])
  })

  test('a cycle is refused when it is made, with the way around, and nothing changes', () => {
    const core = openCore()
    core.add({ held: true })
    core.add({ after: [{ run: 1, on: 'end' }] })
    core.add({ after: [{ run: 2, on: 'end' }] })
    expect(() => core.edit(1, { after: [{ run: 3, on: 'end' }] })).toThrow(
      'Run 1 cannot come after itself (1 after 3 after 2 after 1)',
    )
    expect(() => core.edit(1, { after: [{ run: 1, on: 'end' }] })).toThrow('cannot come after itself')
    expect(startedBy(core.happen({ kind: 'release', id: 1 }))).toEqual([1])
  })
})

describe('retries', () => {
  test('come after a delay that grows, so often, each as an attempt of its own; then the failure stays', () => {
    const core = openCore()
    core.add({ retries })
    expect(core.end(1, 3)).toEqual([{ kind: 'retry', id: 1, attempt: 2, state: exited(3) }])
    expect(core.why(1)).toEqual([{ kind: 'retry', at: core.now().wall + 1_000, attempt: 2 }])
    expect(startedBy(core.pass(999))).toEqual([])
    expect(core.pass(1)).toEqual([{ kind: 'start', id: 1, attempt: 2 }])
    core.end(1, 3)
    expect(startedBy(core.pass(1_999))).toEqual([])
    expect(core.pass(1)).toEqual([{ kind: 'start', id: 1, attempt: 3 }])
    expect(finishedBy(core.end(1, 3))).toEqual({ 1: exited(3) })
  })

  test('jitter takes off a part that is left to chance, and no delay is longer than the longest', () => {
    const core = openCore(() => 0.5)
    core.add({ retries: { ...retries, jitter: 0.4 } })
    core.end(1, 1)
    expect(startedBy(core.pass(799))).toEqual([])
    expect(startedBy(core.pass(1))).toEqual([1])
    const capped = openCore()
    capped.add({ retries: { ...retries, maxDelayMs: 10 } })
    capped.end(1, 1)
    expect(startedBy(capped.pass(10))).toEqual([1])
  })

  test('only of the results that count', () => {
    const core = openCore()
    core.add({ retries: { ...retries, exitCodes: [75] } })
    expect(finishedBy(core.end(1, 1))[1]?.kind).toBe('failed')
    core.add({ retries: { ...retries, exitCodes: [75] } })
    expect(finishedBy(core.end(2, 75))).toEqual({})
  })

  test('never of a run that was cancelled', () => {
    const core = openCore()
    core.add({ retries })
    core.happen({ kind: 'started', id: 1 })
    expect(core.happen({ kind: 'cancel', id: 1 })).toEqual([{ kind: 'stop', id: 1 }])
    const cancelled = { kind: 'cancelled' as const, endedAt: 1, durationMs: 1, how: 'terminated' as const }
    expect(finishedBy(core.happen({ kind: 'ended', id: 1, state: cancelled }))).toEqual({ 1: cancelled })
  })

  test('the place is another’s meanwhile', () => {
    const core = openCore()
    core.pool('p', 1)
    core.add({ pool: 'p', retries })
    core.add({ pool: 'p' })
    expect(startedBy(core.end(1, 1))).toEqual([2])
    expect(startedBy(core.pass(1_000))).toEqual([])
    expect(startedBy(core.end(2))).toEqual([1])
  })
})

describe('Queue(maxsize): the line of a pool', () => {
  const ask = (core: ReturnType<typeof openCore>, ticket: number, whenFull: 'wait' | 'refuse' = 'wait') =>
    core.happen({ kind: 'ask-room', pool: 'p', ticket, whenFull, waitMs: 1_000 })

  test('one more than there is room for waits or is refused, as the asker says', () => {
    const core = openCore()
    core.pool('p', 1, 1)
    core.add({ pool: 'p' })
    core.add({ pool: 'p' })
    expect(() => ask(core, 1, 'refuse')).toThrow('The pool "p" is full: 1 runs wait in it')
    expect(ask(core, 2)).toEqual([])
    expect(core.pass(1_000)).toEqual([{ kind: 'refuse', ticket: 2, because: 'full' }])
  })

  test('one that leaves lets exactly one in, in order of arrival', () => {
    const core = openCore()
    core.pool('p', 1, 1)
    core.add({ pool: 'p' })
    core.add({ pool: 'p' })
    for (const ticket of [1, 2, 3]) ask(core, ticket)
    expect(core.end(1).filter(({ kind }) => kind === 'admit')).toEqual([{ kind: 'admit', ticket: 1 }])
    core.happen({ kind: 'leave-room', pool: 'p', ticket: 2 })
    expect(core.happen({ kind: 'leave-room', pool: 'p', ticket: 1 })).toEqual([{ kind: 'admit', ticket: 3 }])
  })

  test('room that was given counts until it is moved into', () => {
    const core = openCore()
    core.pool('p', 1, 1)
    expect(ask(core, 1)).toEqual([{ kind: 'admit', ticket: 1 }])
    expect(ask(core, 2)).toEqual([])
  })

  test('0 is no limit', () => {
    const core = openCore()
    core.pool('p', 1, 0)
    for (let ticket = 1; ticket < 100; ticket++) expect(ask(core, ticket, 'refuse')).toHaveLength(1)
  })
})

describe('Pool(n), close, join and terminate: a pool', () => {
  test('runs at least one at once', () => {
    const core = openCore()
    expect(() => core.pool('p', 0)).toThrow('at least 1')
    core.pool('q', 1)
    expect(() => core.happen({ kind: 'pool-set', pool: 'q', limits: { concurrency: 0 } })).toThrow(
      'at least 1',
    )
    expect(() => core.pool('q', 1)).toThrow('There is a pool "q" already')
    expect(() => core.happen({ kind: 'pool-pause', pool: 'r' })).toThrow('There is no pool "r"')
  })

  test('that is closed takes nothing, starts what it has, and says when it is empty', () => {
    const core = openCore()
    core.pool('p', 1, 1)
    core.add({ pool: 'p' })
    core.add({ pool: 'p' })
    core.happen({ kind: 'ask-room', pool: 'p', ticket: 1, whenFull: 'wait' })
    expect(core.happen({ kind: 'pool-close', pool: 'p' })).toEqual([
      { kind: 'refuse', ticket: 1, because: 'closed' },
    ])
    expect(() => core.happen({ kind: 'ask-room', pool: 'p', ticket: 2, whenFull: 'wait' })).toThrow(
      'The pool is closed',
    )
    expect(startedBy(core.end(1))).toEqual([2])
    expect(core.end(2).at(-1)).toEqual({ kind: 'drained', pool: 'p' })
    core.happen({ kind: 'pool-open', pool: 'p' })
    expect(core.happen({ kind: 'ask-room', pool: 'p', ticket: 3, whenFull: 'wait' })).toHaveLength(1)
  })

  test('that is terminated cancels what waits and stops what runs', () => {
    const core = openCore()
    core.pool('p', 1)
    core.add({ pool: 'p' })
    core.add({ pool: 'p' })
    core.add()
    const effects = core.happen({ kind: 'pool-terminate', pool: 'p' })
    expect(effects.filter(({ kind }) => kind !== 'finish')).toEqual([{ kind: 'stop', id: 1 }])
    expect(finishedBy(effects)[2]).toMatchObject({ kind: 'cancelled', how: 'before-start' })
  })

  test('of everybody cannot be closed', () => {
    expect(() => openCore().happen({ kind: 'pool-close', pool: 'default' })).toThrow('cannot be closed')
  })
})

describe('Lock: a named lock', () => {
  test('is held by one at a time, fair by arrival, across pools', () => {
    const core = openCore()
    core.pool('p', 5)
    core.add({ locks: ['gpu'] })
    core.add({ pool: 'p', locks: ['gpu'] })
    core.add({ locks: ['gpu'], priority: 9 })
    core.add({ locks: ['other'] })
    expect(core.why(2)).toEqual([{ kind: 'lock', lock: 'gpu', run: 1, holds: true }])
    expect(startedBy(core.end(1))).toEqual([2])
    expect(startedBy(core.end(2))).toEqual([3])
    core.end(3)
    core.end(4)
    expect(core.state.locks.size).toBe(0)
  })

  test('all that a run names are taken together, so that no two wait for each other', () => {
    const core = openCore()
    core.add({ locks: ['a'] })
    core.add({ locks: ['a', 'b'] })
    core.add({ locks: ['b', 'a'] })
    core.add({ locks: ['b'] })
    expect(core.why(4)).toEqual([{ kind: 'lock', lock: 'b', run: 2, holds: false }])
    expect(startedBy(core.end(1))).toEqual([2])
    expect(startedBy(core.end(2))).toEqual([3])
    expect(startedBy(core.end(3))).toEqual([4])
  })

  test('is not kept from others by a run whose pool is paused, or that is cancelled', () => {
    const core = openCore()
    core.pool('p', 1)
    core.add({ locks: ['a'] })
    core.add({ pool: 'p', locks: ['a'] })
    core.add({ locks: ['a'] })
    core.add({ locks: ['a'] })
    core.happen({ kind: 'pool-pause', pool: 'p' })
    core.happen({ kind: 'cancel', id: 3 })
    expect(startedBy(core.end(1))).toEqual([4])
    core.happen({ kind: 'pool-resume', pool: 'p' })
    expect(startedBy(core.end(4))).toEqual([2])
  })

  test('is not kept from others by a run that was added to a paused pool', () => {
    const core = openCore()
    core.pool('p', 1)
    core.happen({ kind: 'pool-pause', pool: 'p' })
    core.add({ pool: 'p', locks: ['a'] })
    expect(startedBy(core.add({ locks: ['a'] }).effects)).toEqual([2])
    expect(core.why(1)).toEqual([{ kind: 'pool-paused', pool: 'p' }])
    core.happen({ kind: 'pool-resume', pool: 'p' })
    expect(startedBy(core.end(2))).toEqual([1])
  })

  test('is given to a run whose pool was paused before those that came to it later', () => {
    const core = openCore()
    core.pool('p', 5)
    core.pool('q', 1)
    core.add({ locks: ['a'] })
    core.add({ pool: 'p', locks: ['a'] })
    core.add({ pool: 'q' })
    core.happen({ kind: 'pool-pause', pool: 'p' })
    core.add({ pool: 'q', locks: ['a'] })
    core.end(1)
    // Run 4 is the first at the lock and has no place; run 2 comes back, and was there before it.
    expect(startedBy(core.happen({ kind: 'pool-resume', pool: 'p' }))).toEqual([2])
    expect(startedBy(core.end(3))).toEqual([])
    expect(startedBy(core.end(2))).toEqual([4])
  })
})

describe('timeouts', () => {
  test('of waiting and of running are two, and a paused run’s time stands still', () => {
    const core = openCore()
    core.pool('p', 1)
    core.add({ pool: 'p', runLimitMs: 1_000, waitLimitMs: 10 })
    core.add({ pool: 'p', waitLimitMs: 500 })
    core.happen({ kind: 'started', id: 1 })
    core.pass(400)
    core.happen({ kind: 'halted', id: 1 })
    expect(finishedBy(core.pass(5_000))[2]).toMatchObject({
      kind: 'timed-out',
      limitMs: 500,
      how: 'before-start',
    })
    core.happen({ kind: 'continued', id: 1 })
    expect(core.pass(599)).toEqual([])
    expect(core.pass(1)).toEqual([{ kind: 'stop', id: 1 }])
    const cancelled = {
      kind: 'cancelled' as const,
      startedAt: 1,
      endedAt: 2,
      durationMs: 1,
      how: 'killed' as const,
    }
    expect(finishedBy(core.happen({ kind: 'ended', id: 1, state: cancelled }))[1]).toEqual({
      ...cancelled,
      kind: 'timed-out',
      limitMs: 1_000,
    })
  })

  test('a run that ends by itself at that very moment has not timed out', () => {
    const core = openCore()
    core.add({ runLimitMs: 10 })
    core.happen({ kind: 'started', id: 1 })
    core.pass(10)
    expect(finishedBy(core.end(1))).toEqual({ 1: exited(0) })
  })
})

describe('clocks', () => {
  test('a moment comes once, however the clock jumps; a delay does not care', () => {
    const core = openCore()
    const { wall } = core.now()
    core.add({ startAt: wall + 60_000 })
    core.add({ delayMs: 1_000 })
    expect(startedBy(core.setClock(3_600_000))).toEqual([1])
    expect(startedBy(core.setClock(-7_200_000))).toEqual([])
    core.end(1)
    expect(startedBy(core.setClock(7_200_000))).toEqual([])
    expect(startedBy(core.pass(1_000))).toEqual([2])
  })
})

describe('gather: a batch', () => {
  const batch = { id: 1, stopOnFailure: true }

  test('goes on without the one that failed, unless it was to stop', () => {
    const core = openCore()
    core.pool('p', 1)
    for (let count = 0; count < 3; count++) core.add({ pool: 'p', batch: { id: 1, stopOnFailure: false } })
    expect(startedBy(core.end(1, 1))).toEqual([2])
    for (let count = 0; count < 3; count++) core.add({ batch: { ...batch, id: 2 } })
    const effects = core.end(4, 1)
    expect(effects.filter(({ kind }) => kind === 'stop')).toEqual([
      { kind: 'stop', id: 5 },
      { kind: 'stop', id: 6 },
    ])
  })

  test('is cancelled with all of its members', () => {
    const core = openCore()
    core.pool('p', 1)
    for (let count = 0; count < 3; count++) core.add({ pool: 'p', batch })
    const effects = core.happen({ kind: 'batch-cancel', batch: 1 })
    expect(Object.keys(finishedBy(effects))).toEqual(['2', '3'])
    expect(effects.filter(({ kind }) => kind === 'stop')).toEqual([{ kind: 'stop', id: 1 }])
  })
})

describe('an edit', () => {
  test('of a run that waits counts at once', () => {
    const core = openCore()
    core.pool('p', 1)
    for (let count = 0; count < 3; count++) core.add({ pool: 'p' })
    core.edit(3, { priority: 1 })
    expect(startedBy(core.end(1))).toEqual([3])
    expect(startedBy(core.edit(2, { pool: 'default' }))).toEqual([2])
  })

  test('of a run that has started or ended is refused, and so is one into a closed or missing pool', () => {
    const core = openCore()
    core.pool('p', 1)
    core.add({ pool: 'p' })
    expect(() => core.edit(1, { priority: 1 })).toThrow('Run 1 has started')
    core.end(1)
    expect(() => core.edit(1, { priority: 1 })).toThrow('Run 1 has ended')
    core.add({ held: true })
    core.happen({ kind: 'pool-close', pool: 'p' })
    expect(() => core.edit(2, { pool: 'p' })).toThrow('is closed')
    expect(() => core.edit(2, { pool: 'q' })).toThrow('no pool "q"')
  })
})

test('adding a run when 10,000 wait looks at none of them', () => {
  const core = openCore()
  core.pool('p', 1)
  for (let count = 0; count < 10_000; count++) core.add({ pool: 'p', locks: ['l'], priority: count % 7 })
  let looked = 0
  for (const entry of core.state.entries.values()) {
    const { phase } = entry
    Object.defineProperty(entry, 'phase', {
      get: () => ((looked += 1), phase),
      set: () => undefined,
    })
  }
  core.add({ pool: 'p', locks: ['l'] })
  expect(looked).toBeLessThan(50)
})

function never(): never {
  throw new Error('unreachable')
}
