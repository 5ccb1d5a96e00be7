import { expect, test } from 'vitest'
import type { CommandRun, QueryRun, RunState, WaitingReason } from '#contract/run.ts'
import { DEFAULT_TERMS } from '#contract/terms.ts'
import { stateSentence, stateWord, toneOf } from './run-words.ts'
import { commandText, runText } from '#contract/run-text.ts'

const ended = { startedAt: 0, endedAt: 5_000, durationMs: 5_000 }

function queryRun(state: RunState, progress: Partial<QueryRun['progress']> = {}): QueryRun {
  return {
    kind: 'query',
    id: 1,
    createdAt: 0,
    state,
    spec: { kind: 'query', database: '/a.db', mode: 'read-only', sql: 'SELECT 1' },
    progress: { columns: [{ name: 'a', declaredType: null }], rows: 0, bytes: 0, changes: null, ...progress },
  }
}

function commandRun(state: RunState): CommandRun {
  return {
    kind: 'command',
    id: 1,
    createdAt: 0,
    state,
    spec: { kind: 'command', command: { kind: 'shell', line: 'make' }, folder: '/', environment: {} },
    progress: { bytes: 0, lines: null },
    terms: DEFAULT_TERMS,
    attempt: 1,
  }
}

test('a stopped query says how it was stopped and what it had', () => {
  const rows = { rows: 1_204_000 }
  expect(stateSentence(queryRun({ kind: 'cancelled', ...ended, how: 'between-rows' }, rows))).toBe(
    'Stopped after 1,204,000 rows',
  )
  expect(stateSentence(queryRun({ kind: 'cancelled', ...ended, how: 'interrupted' }, rows))).toBe(
    'Stopped after 1,204,000 rows, inside the statement; what it had changed was undone',
  )
  expect(stateSentence(queryRun({ kind: 'cancelled', ...ended, how: 'process-ended' }, rows))).toContain(
    'Its process was ended; an open transaction was rolled back',
  )
  expect(stateSentence(queryRun({ kind: 'cancelled', endedAt: 1, durationMs: 0, how: 'before-start' }))).toBe(
    'Cancelled before it started',
  )
})

test('a finished query says its rows, one that writes says what it changed', () => {
  expect(stateSentence(queryRun({ kind: 'done', ...ended }, { rows: 1 }))).toBe('1 row in 5.0 sec')
  expect(stateSentence(queryRun({ kind: 'done', ...ended }, { columns: [], changes: 12 }))).toBe(
    '12 rows changed in 5.0 sec',
  )
  expect(stateSentence(queryRun({ kind: 'done', ...ended }, { columns: [], changes: null }))).toBe(
    'Done in 5.0 sec',
  )
})

test('a waiting run says why, and no state is shown as its code', () => {
  const reason = (one: WaitingReason): string => stateSentence(commandRun({ kind: 'queued', reasons: [one] }))
  expect(reason({ kind: 'pool-full', pool: 'gpu', limit: 2 })).toBe(
    'Waiting: 2 of the pool “gpu” are running',
  )
  expect(reason({ kind: 'pool-full', pool: 'gpu', limit: 2, ahead: 0 })).toBe(
    'Next in the pool “gpu”, of which 2 are running',
  )
  expect(reason({ kind: 'pool-full', pool: 'gpu', limit: 2, ahead: 3 })).toBe(
    'Waiting in the pool “gpu”: 2 are running, and 3 are before this',
  )
  expect(reason({ kind: 'after', run: 7, on: 'success' })).toBe('Waiting until run 7 is done')
  expect(reason({ kind: 'after', run: 7, on: 'failure' })).toBe('Waiting to see whether run 7 fails')
  expect(reason({ kind: 'after', run: 7, on: 'end' })).toBe('Waiting for the end of run 7')
  expect(reason({ kind: 'after-broken', run: 7, on: 'end' })).toContain('Run 7 did not end as it must')
  expect(reason({ kind: 'lock', lock: 'db', run: 7, holds: true })).toBe('Run 7 has the lock “db”')
  expect(reason({ kind: 'lock', lock: 'db', run: 7, holds: false })).toBe(
    'Run 7 is before it at the lock “db”',
  )
  expect(reason({ kind: 'pool-paused', pool: 'gpu' })).toBe('The pool “gpu” is paused')
  expect(reason({ kind: 'held' })).toBe('Held until you let it go')
  expect(reason({ kind: 'starts-at', at: 0 })).toMatch(/^Starts at /)
  expect(reason({ kind: 'retry', at: 0, attempt: 3 })).toMatch(/^Attempt 3 starts at /)

  const states: RunState[] = [
    { kind: 'paused', startedAt: 0, pausedAt: 1, adopted: false },
    { kind: 'paused', startedAt: 0, pausedAt: 1, adopted: true },
    { kind: 'dependency-failed', endedAt: 1, run: 7 },
    { kind: 'interrupted', endedAt: 1 },
    { kind: 'timed-out', endedAt: 1, durationMs: 5_000, limitMs: 5_000, how: 'before-start' },
  ]
  expect(states.map(stateWord)).toEqual(['Paused', 'Paused', 'Not started', 'Interrupted', 'Timed out'])
  expect(states.map(toneOf)).toEqual(['warn', 'warn', 'bad', 'warn', 'bad'])
  expect(states.map((state) => stateSentence(commandRun(state)))).toEqual([
    'Paused',
    'Paused, taken over after a restart',
    'Not started: run 7 did not end as it must for this one',
    'Offloop ended when it was about to start this. It was not run; restart it if it is still wanted.',
    'It waited 5.0 sec, which is as long as it may, and was not started',
  ])
})

test('a command says its exit code or signal in words', () => {
  expect(stateSentence(commandRun({ kind: 'done', ...ended }))).toBe('Ended after 5.0 sec with exit code 0')
  expect(stateSentence(commandRun({ kind: 'failed', ...ended, cause: { kind: 'exit', exitCode: 3 } }))).toBe(
    'Failed after 5.0 sec with exit code 3',
  )
  expect(stateSentence(commandRun({ kind: 'killed', ...ended, signal: 9 }))).toContain('SIGKILL')
  expect(stateSentence(commandRun({ kind: 'killed', ...ended, signal: 34 }))).toContain('signal 34')
  expect(stateSentence(commandRun({ kind: 'cancelled', ...ended, how: 'killed' }))).toContain('was killed')
})

test('what failed, is lost or could not be started says what its failure says', () => {
  const failure = { code: 'database', message: 'no such table: x' } as const
  expect(stateSentence(queryRun({ kind: 'failed', ...ended, cause: { kind: 'error', failure } }))).toBe(
    failure.message,
  )
  expect(stateSentence(commandRun({ kind: 'lost', endedAt: 1, message: 'Nobody knows.' }))).toBe(
    'Nobody knows.',
  )
  expect(
    stateSentence(commandRun({ kind: 'failed-to-spawn', endedAt: 1, message: 'No such program.' })),
  ).toBe('No such program.')
})

test('a run that waits says why', () => {
  expect(stateSentence(queryRun({ kind: 'queued', reasons: [{ kind: 'hosts-busy', limit: 2 }] }))).toContain(
    'all 2 connections',
  )
  expect(stateSentence(queryRun({ kind: 'running', startedAt: 0, stopping: true, adopted: false }))).toBe(
    'Stopping…',
  )
  expect(
    stateSentence(commandRun({ kind: 'running', startedAt: 0, stopping: false, adopted: true })),
  ).toContain('taken over')
})

test('a command is written so that its arguments can be told apart, and a long text is cut', () => {
  const spec = commandRun({ kind: 'done', ...ended }).spec
  expect(
    commandText({ ...spec, command: { kind: 'program', program: 'cp', args: ['a b', "it's", ''] } }),
  ).toBe(`cp 'a b' 'it'\\''s' ''`)
  expect(
    runText({ ...queryRun({ kind: 'done', ...ended }).spec, sql: `SELECT\n  ${'x'.repeat(5_000)}` }).length,
  ).toBe(300)
})
