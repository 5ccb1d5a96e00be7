import { expect, test } from 'vitest'
import { outlookOf } from './outlook.ts'
import type { CommandRun, OutputProgress, RunState } from './run.ts'
import { DEFAULT_TERMS } from './terms.ts'

const START = 1_700_000_000_000
const running: RunState = { kind: 'running', startedAt: START, stopping: false, adopted: false }

function command(progress: Partial<OutputProgress>, state: RunState = running): CommandRun {
  const spec: CommandRun['spec'] = {
    kind: 'command',
    command: { kind: 'shell', line: 'make' },
    folder: '/',
    environment: {},
  }
  const counts = { bytes: 0, lines: 0 }
  return {
    kind: 'command',
    id: 1,
    createdAt: START,
    state,
    spec,
    progress: { ...counts, ...progress },
    terms: DEFAULT_TERMS,
    attempt: 1,
  }
}

test('what a command writes comes before how long it usually takes', () => {
  const told = { fraction: 0.5, endsAt: START + 20_000 }
  const both = { told, usual: { durationMs: 5_000, basedOn: 3 } }
  expect(outlookOf(command(both), START + 8_000)).toMatchObject({ from: 'output', remainingMs: 12_000 })
  expect(outlookOf(command({ usual: both.usual }), START + 2_000)).toEqual({
    from: 'earlier',
    fraction: 0.4,
    usualMs: 5_000,
    basedOn: 3,
    remainingMs: 3_000,
  })
})

test('an estimate that has passed says nothing of what remains', () => {
  const told = { fraction: 0.9, endsAt: START }
  expect(outlookOf(command({ told }), START + 1)?.remainingMs).toBeNull()
  const late = outlookOf(command({ usual: { durationMs: 5, basedOn: 1 } }), START + 6)
  expect(late).toMatchObject({ fraction: 1, remainingMs: null })
})

test('what does not run, or is being stopped, has no outlook', () => {
  const told = { fraction: 0.9, endsAt: null }
  const queued: RunState = { kind: 'queued', reasons: [] }
  expect(outlookOf(command({ told }, queued), START)).toBeUndefined()
  expect(outlookOf(command({ told }, { ...running, stopping: true }), START)).toBeUndefined()
  expect(outlookOf(command({}), START)).toBeUndefined()
})
