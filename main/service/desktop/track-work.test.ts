import { expect, test } from 'vitest'
import { MAX_NAMED_RUNS, NO_WORK } from '#contract/desktop.ts'
import type { CommandRun, QueryRun, RunState } from '#contract/run.ts'
import { DEFAULT_TERMS } from '#contract/terms.ts'
import { trackWork } from './track-work.ts'

const NOW = 1_000_000
const running: RunState = { kind: 'running', startedAt: NOW, stopping: false, adopted: false }
const queued: RunState = { kind: 'queued', reasons: [] }
const done: RunState = { kind: 'done', startedAt: NOW, endedAt: NOW, durationMs: 0 }

function command(id: number, state: RunState, fraction?: number): CommandRun {
  const told = fraction === undefined ? {} : { told: { fraction, endsAt: null } }
  return {
    id,
    kind: 'command',
    createdAt: NOW,
    state,
    spec: { kind: 'command', command: { kind: 'shell', line: `make\n${id}` }, folder: '/', environment: {} },
    progress: { bytes: 0, lines: 0, ...told },
    terms: DEFAULT_TERMS,
    attempt: 1,
  }
}

function query(id: number, state: RunState, derivedFrom?: number): QueryRun {
  const spec = { kind: 'query', database: '/a.db', mode: 'read-only', sql: 'SELECT 1' } as const
  return {
    id,
    kind: 'query',
    createdAt: NOW,
    state,
    spec: derivedFrom === undefined ? spec : { ...spec, derivedFrom },
    progress: { columns: null, rows: 0, bytes: 0, changes: null },
  }
}

test('runs are counted by what becomes of them when Offloop quits, until they end', () => {
  const track = trackWork()
  for (const run of [command(1, running), command(2, queued), query(3, running), query(4, queued)])
    expect(track.note(run)).toBe('counts')
  expect(track.work(NOW)).toMatchObject({ commands: 1, others: 1, waiting: 2 })
  expect(track.note(command(1, running, 0.5))).toBe('progress')
  expect(track.note(command(2, queued))).toBe('nothing')
  for (const run of [command(1, done), command(2, done), query(3, done), query(4, done)]) track.note(run)
  expect(track.work(NOW)).toEqual(NO_WORK)
  expect(track.note(command(1, done))).toBe('nothing')
})

test('a run that only looks at a result is no work', () => {
  const track = trackWork()
  expect(track.note(query(2, running, 1))).toBe('nothing')
  expect(track.work(NOW)).toEqual(NO_WORK)
})

test('the progress of all is the mean of those that tell, and the oldest are named, each in one line', () => {
  const track = trackWork()
  for (let id = MAX_NAMED_RUNS + 5; id > 2; id -= 1) track.note(command(id, running))
  track.note(command(1, running, 0.2))
  track.note(command(2, running, 0.6))
  const { fraction, runs } = track.work(NOW)
  expect(fraction).toBeCloseTo(0.4)
  expect(runs).toHaveLength(MAX_NAMED_RUNS)
  expect(runs[0]).toEqual({ id: 1, text: 'make 1', fraction: 0.2 })
  expect(runs[2]).toEqual({ id: 3, text: 'make 3', fraction: null })
})
