import { expect, test } from 'vitest'
import type { QueryRun, RunState } from '#contract/run.ts'
import { failureIn, isStopping, isWorking, type QueryActivity } from './query-activity.ts'

const ended = { startedAt: 0, endedAt: 1, durationMs: 1 }
const failure = { code: 'database', message: 'no such table: x', details: { position: 14 } } as const

function running(state: RunState, stopping = false): QueryActivity {
  const run: QueryRun = {
    kind: 'query',
    id: 1,
    createdAt: 0,
    state,
    spec: { kind: 'query', database: '/a.db', mode: 'read-only', sql: '' },
    progress: { columns: null, rows: 0, bytes: 0, changes: null },
  }
  return { kind: 'run', run, stopping }
}

test('a query can be stopped from the moment it was asked for until it has really ended', () => {
  expect(isWorking({ kind: 'asking', askedAt: 0, stopping: false })).toBe(true)
  expect(isWorking(running({ kind: 'queued', reasons: [] }))).toBe(true)
  expect(isWorking(running({ kind: 'running', startedAt: 0, stopping: true, adopted: false }))).toBe(true)
  expect(isWorking(running({ kind: 'cancelled', ...ended, how: 'between-rows' }))).toBe(false)
  expect(isWorking({ kind: 'idle' })).toBe(false)
})

test('it is stopping until the stop is confirmed, however it was asked for', () => {
  const state = { kind: 'running', startedAt: 0, adopted: false } as const
  expect(isStopping(running({ ...state, stopping: false }, true))).toBe(true)
  expect(isStopping(running({ ...state, stopping: true }))).toBe(true)
  expect(isStopping(running({ ...state, stopping: false }))).toBe(false)
  expect(isStopping(running({ kind: 'cancelled', ...ended, how: 'between-rows' }, true))).toBe(false)
})

test('a failure is shown whether the run or the request failed', () => {
  expect(failureIn(running({ kind: 'failed', ...ended, cause: { kind: 'error', failure } }))).toBe(failure)
  expect(failureIn({ kind: 'refused', failure })).toBe(failure)
  expect(failureIn(running({ kind: 'done', ...ended }))).toBeUndefined()
})
