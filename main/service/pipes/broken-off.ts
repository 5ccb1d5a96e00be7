import { isFinal, type Run, type RunState } from '#contract/run.ts'

/** Whether a run has really begun, now or once. */
export function hasBegun(state: RunState): boolean {
  return state.kind !== 'queued' && 'startedAt' in state && state.startedAt !== undefined
}

/**
 * Whether a run has ended so that the others of its pipe are stopped: what it was to write is not all there, or nobody will
 * read. A command that fails by itself has written what it writes, as in a shell.
 * @param strict take a command that writes and fails for broken off too
 */
export function isBrokenOff({ kind, state }: Run, strict: boolean): boolean {
  switch (state.kind) {
    case 'queued':
    case 'running':
    case 'paused':
    case 'done':
      return false
    case 'failed':
    case 'killed':
      return kind !== 'command' || (strict && isFinal(state))
    case 'failed-to-spawn':
    case 'cancelled':
    case 'timed-out':
    case 'dependency-failed':
    case 'interrupted':
    case 'lost':
      return true
    default:
      return state satisfies never
  }
}
