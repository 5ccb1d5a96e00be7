import type { RunState } from '#contract/run.ts'

type Running = Extract<RunState, { kind: 'running' }>
type Paused = Extract<RunState, { kind: 'paused' }>

/** A command that is halted from a moment on. */
export function pausedFrom({ startedAt, pid, adopted }: Running, pausedAt: number): Paused {
  return { kind: 'paused', startedAt, pausedAt, ...(pid !== undefined && { pid }), adopted }
}

/** A halted command that goes on: to work, or to be stopped. */
export function goingOn({ startedAt, pid, adopted }: Paused, stopping: boolean): Running {
  return { kind: 'running', startedAt, ...(pid !== undefined && { pid }), stopping, adopted }
}
