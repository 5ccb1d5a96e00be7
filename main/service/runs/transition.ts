import type { RunState } from '#contract/run.ts'

/**
 * Whether a run may go from one state to another: a final state never changes, an attempt that has started is never queued
 * again, and a stop that was asked for is never taken back. Another attempt of a run begins with a state of its own.
 */
export function allowed(from: RunState, to: RunState): boolean {
  switch (from.kind) {
    case 'queued':
      return startsOrEndsBefore(to)
    case 'running':
      return goesOnOrEnds(from, to)
    case 'paused':
      return goesOnOrEnds({ ...from, kind: 'running', stopping: false }, to)
    case 'done':
    case 'failed':
    case 'failed-to-spawn':
    case 'cancelled':
    case 'killed':
    case 'timed-out':
    case 'dependency-failed':
    case 'interrupted':
    case 'lost':
      return false
    default:
      return from satisfies never
  }
}

function startsOrEndsBefore(to: RunState): boolean {
  switch (to.kind) {
    case 'queued':
    case 'running':
    case 'failed-to-spawn':
    case 'cancelled':
    case 'lost':
    // A query whose host could not be had, or whose database could not be opened.
    case 'failed':
    // It waited longer than it was to.
    case 'timed-out':
    case 'dependency-failed':
    case 'interrupted':
      return true
    case 'paused':
    case 'done':
    case 'killed':
      return false
    default:
      return to satisfies never
  }
}

function goesOnOrEnds(from: RunState & { kind: 'running' }, to: RunState): boolean {
  switch (to.kind) {
    case 'running':
      return (
        to.startedAt === from.startedAt && (to.stopping || !from.stopping) && (to.adopted || !from.adopted)
      )
    case 'paused':
      return to.startedAt === from.startedAt && !from.stopping && (to.adopted || !from.adopted)
    case 'done':
    case 'failed':
    case 'cancelled':
    case 'killed':
    case 'timed-out':
    case 'lost':
      return true
    case 'queued':
    case 'failed-to-spawn':
    case 'dependency-failed':
    case 'interrupted':
      return false
    default:
      return to satisfies never
  }
}
