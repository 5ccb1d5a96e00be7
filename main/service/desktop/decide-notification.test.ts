import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_TOLD_TEXT, notification } from '#contract/desktop.ts'
import type { CommandRun, RunState } from '#contract/run.ts'
import { defaultSettings } from '#contract/settings.ts'
import { DEFAULT_TERMS, type RunTerms } from '#contract/terms.ts'
import { decideNotification } from './decide-notification.ts'

const { notifications: settings } = defaultSettings
const LONG_MS = settings.minSeconds * 1_000
const away = { settings, focused: false }

function command(state: RunState, terms: Partial<RunTerms> = {}, line = 'make all'): CommandRun {
  return {
    id: 7,
    kind: 'command',
    createdAt: 0,
    state,
    spec: { kind: 'command', command: { kind: 'shell', line }, folder: '/', environment: {} },
    progress: { bytes: 0, lines: 0 },
    terms: { ...DEFAULT_TERMS, ...terms },
    attempt: 1,
  }
}
const took = (durationMs: number) => ({ startedAt: 0, endedAt: durationMs, durationMs })
const done = (durationMs: number): RunState => ({ kind: 'done', ...took(durationMs) })
const failed = (durationMs: number): RunState => ({
  kind: 'failed',
  ...took(durationMs),
  cause: { kind: 'exit', exitCode: 2 },
})
const batch = { batch: { id: 3, stopOnFailure: false } }

test('the end of a run that took long is told while nobody looks', () => {
  expect(decideNotification({ kind: 'ended', run: command(done(LONG_MS)) }, away)).toEqual({
    kind: 'done',
    run: 7,
    text: 'make all',
    tookMs: LONG_MS,
  })
  expect(decideNotification({ kind: 'ended', run: command(failed(LONG_MS)) }, away)).toMatchObject({
    kind: 'failed',
    exitCode: 2,
  })
})

test('a short one is not, nor any while the window has the focus, nor what the settings leave out', () => {
  const long = { kind: 'ended', run: command(done(LONG_MS)) } as const
  expect(decideNotification({ kind: 'ended', run: command(done(LONG_MS - 1)) }, away)).toBeUndefined()
  expect(decideNotification(long, { settings, focused: true })).toBeUndefined()
  expect(
    decideNotification(long, { settings: { ...settings, whenFocused: true }, focused: true }),
  ).toBeDefined()
  expect(decideNotification(long, { ...away, settings: { ...settings, done: false } })).toBeUndefined()
})

test('a run may want its end told in any case, or nothing ever', () => {
  const always = command(done(1), { notify: 'always', ...batch })
  const never = command(failed(LONG_MS), { notify: 'never' })
  expect(decideNotification({ kind: 'ended', run: always }, { settings, focused: true })).toBeDefined()
  expect(decideNotification({ kind: 'ended', run: never }, away)).toBeUndefined()
  expect(decideNotification({ kind: 'asks', run: never, prompt: '?' }, away)).toBeUndefined()
  expect(decideNotification({ kind: 'quiet', run: never, quietMs: 1 }, away)).toBeUndefined()
})

test('a batch is told as one, and who cancels a run is not told that it is cancelled', () => {
  expect(decideNotification({ kind: 'ended', run: command(failed(LONG_MS), batch) }, away)).toBeUndefined()
  expect(decideNotification({ kind: 'batch', run: 1, done: 9, notDone: 1, tookMs: LONG_MS }, away)).toEqual({
    kind: 'batch',
    run: 1,
    done: 9,
    notDone: 1,
  })
  const cancelled: RunState = { kind: 'cancelled', endedAt: LONG_MS, durationMs: LONG_MS, how: 'terminated' }
  expect(decideNotification({ kind: 'ended', run: command(cancelled) }, away)).toBeUndefined()
})

test('whatever a run is called and asks, what is told is one short line without control characters', () => {
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 3_000 })
  fc.assert(
    fc.property(text, text, (line, prompt) => {
      const told = decideNotification({ kind: 'asks', run: command(done(0), {}, line), prompt }, away)
      expect(notification.safeParse(told).success).toBe(true)
      if (told?.kind !== 'asks') throw new Error('unreachable')
      for (const shown of [told.text, told.prompt]) {
        expect(shown.length).toBeLessThanOrEqual(MAX_TOLD_TEXT)
        expect(shown).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
      }
    }),
  )
})
