import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isFinal, type RunState } from '#contract/run.ts'
import { allowed } from './transition.ts'

const instant = fc.integer({ min: 0, max: 5 })
const times = { startedAt: instant, endedAt: instant, durationMs: fc.nat() }
const running = fc.record({
  kind: fc.constant('running' as const),
  startedAt: instant,
  stopping: fc.boolean(),
  adopted: fc.boolean(),
})
const state: fc.Arbitrary<RunState> = fc.oneof(
  fc.record({
    kind: fc.constant('queued' as const),
    reasons: fc.array(fc.constant({ kind: 'starting' as const })),
  }),
  running,
  fc.record({ kind: fc.constant('done' as const), ...times }),
  fc.record({
    kind: fc.constant('failed' as const),
    ...times,
    cause: fc.record({ kind: fc.constant('exit' as const), exitCode: fc.nat() }),
  }),
  fc.record({ kind: fc.constant('failed-to-spawn' as const), endedAt: instant, message: fc.string() }),
  fc.record({ kind: fc.constant('cancelled' as const), ...times, how: fc.constant('killed' as const) }),
  fc.record({ kind: fc.constant('killed' as const), ...times, signal: fc.constant(9) }),
  fc.record({
    kind: fc.constant('timed-out' as const),
    ...times,
    limitMs: fc.nat(),
    how: fc.constant('terminated' as const),
  }),
  fc.record({
    kind: fc.constant('paused' as const),
    startedAt: instant,
    pausedAt: instant,
    adopted: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('dependency-failed' as const), endedAt: instant, run: fc.constant(1) }),
  fc.record({ kind: fc.constant('interrupted' as const), endedAt: instant }),
  fc.record({ kind: fc.constant('lost' as const), endedAt: instant, message: fc.string() }),
)

/** Lives through the wished states as far as each is allowed. */
function live(wishes: readonly RunState[]): RunState[] {
  const lived: RunState[] = [{ kind: 'queued', reasons: [] }]
  for (const wish of wishes) if (allowed(lived.at(-1) ?? wish, wish)) lived.push(wish)
  return lived
}

describe('the life of a run, whatever is asked of it', () => {
  test('has no state after a final one', () => {
    fc.assert(fc.property(state, state, (from, to) => !isFinal(from) || !allowed(from, to)))
  })

  test('has at most one final state, and that is the last', () => {
    fc.assert(
      fc.property(fc.array(state, { maxLength: 30 }), (wishes) => {
        const lived = live(wishes)
        expect(lived.slice(0, -1).some(isFinal)).toBe(false)
      }),
    )
  })

  test('is never queued again once it has run, and keeps the time of its start', () => {
    fc.assert(
      fc.property(fc.array(state, { maxLength: 30 }), (wishes) => {
        const lived = live(wishes)
        const from = lived.findIndex(({ kind }) => kind === 'running')
        const afterStart = from < 0 ? [] : lived.slice(from)
        expect(afterStart.some(({ kind }) => kind === 'queued' || kind === 'failed-to-spawn')).toBe(false)
        const starts = afterStart.flatMap((one) =>
          one.kind === 'running' || one.kind === 'paused' ? [one.startedAt] : [],
        )
        expect(new Set(starts).size).toBeLessThanOrEqual(1)
      }),
    )
  })

  test('does not take back a stop that was asked for', () => {
    fc.assert(
      fc.property(running, running, (from, to) => !(from.stopping && !to.stopping && allowed(from, to))),
    )
  })

  test('can reach every final state', () => {
    const started: RunState = { kind: 'running', startedAt: 1, stopping: false, adopted: false }
    const reached = fc.sample(state, { numRuns: 300, seed: 1 }).filter((to) => {
      return isFinal(to) && (allowed({ kind: 'queued', reasons: [] }, to) || allowed(started, to))
    })
    expect(new Set(reached.map(({ kind }) => kind))).toEqual(
      new Set([
        'done',
        'failed',
        'failed-to-spawn',
        'cancelled',
        'killed',
        'timed-out',
        'dependency-failed',
        'interrupted',
        'lost',
      ]),
    )
  })
})
