import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Notification } from '#contract/desktop.ts'
import type { CommandRun, OutputProgress, RunState } from '#contract/run.ts'
import { DEFAULT_TERMS } from '#contract/terms.ts'
import type { Occasion } from './decide-notification.ts'
import { foldNotifications, MOST_AT_ONCE, SPAN_MS } from './fold-notifications.ts'
import { sightOccasions } from './sight-occasions.ts'

const queued: RunState = { kind: 'queued', reasons: [] }
const running: RunState = { kind: 'running', startedAt: 0, stopping: false, adopted: false }
const done: RunState = { kind: 'done', startedAt: 0, endedAt: 1, durationMs: 1 }
const lost: RunState = { kind: 'lost', endedAt: 1, message: '' }

function command(
  id: number,
  state: RunState,
  progress: Partial<OutputProgress> = {},
  batch?: number,
): CommandRun {
  return {
    id,
    kind: 'command',
    createdAt: 0,
    state,
    spec: { kind: 'command', command: { kind: 'shell', line: 'x' }, folder: '/', environment: {} },
    progress: { bytes: 0, lines: 0, ...progress },
    terms:
      batch === undefined ? DEFAULT_TERMS : { ...DEFAULT_TERMS, batch: { id: batch, stopOnFailure: false } },
    attempt: 1,
  }
}

let seen: Occasion[] = []
beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  seen = []
})
const sight = () => sightOccasions((occasion) => seen.push(occasion))

test('the end of a run is seen once, and only of one that was alive before', () => {
  const { note } = sight()
  note(command(1, done))
  note(command(2, running))
  note(command(2, done))
  note(command(2, done))
  expect(seen.map((occasion) => [occasion.kind, occasion.kind === 'ended' && occasion.run.id])).toEqual([
    ['ended', 2],
  ])
})

test('each silence is seen once, however often its run changes meanwhile', () => {
  const { note } = sight()
  const asks = { silence: { kind: 'asks', since: 1, prompt: 'Go?' } } as const
  for (const progress of [{}, asks, asks, {}, asks]) note(command(1, running, progress))
  note(command(1, running, { silence: { kind: 'quiet', since: 1 } }))
  expect(seen.map(({ kind }) => kind)).toEqual(['asks', 'asks', 'quiet'])
})

test('a batch has ended when nothing of it is left for a while, though it was added in parts', () => {
  const { note } = sight()
  for (const id of [1, 2]) note(command(id, queued, {}, 5))
  note(command(1, done, {}, 5))
  note(command(2, lost, {}, 5))
  vi.advanceTimersByTime(1_000)
  note(command(3, queued, {}, 5))
  vi.advanceTimersByTime(10_000)
  expect(seen.filter(({ kind }) => kind === 'batch')).toEqual([])
  note(command(3, done, {}, 5))
  vi.advanceTimersByTime(10_000)
  expect(seen.filter(({ kind }) => kind === 'batch')).toMatchObject([{ run: 1, done: 2, notDone: 1 }])
})

test('more than a few at once are folded into one, and after it they are told again', () => {
  const told: Notification[] = []
  const { add } = foldNotifications((notification) => told.push(notification))
  const one = (run: number): Notification => ({ kind: 'done', run, text: '', tookMs: 1 })
  for (let run = 1; run <= MOST_AT_ONCE + 4; run += 1) add(one(run))
  add({ kind: 'failed', run: 99, text: '', tookMs: 1, exitCode: 1 })
  add({ kind: 'asks', run: 100, text: '', prompt: '' })
  expect(told).toHaveLength(MOST_AT_ONCE)
  vi.advanceTimersByTime(SPAN_MS)
  expect(told.slice(MOST_AT_ONCE)).toEqual([{ kind: 'more', done: 4, notDone: 1, others: 1 }])
  add(one(101))
  expect(told.at(-1)).toEqual(one(101))
})
