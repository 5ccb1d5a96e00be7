import type { RunState } from '#contract/run.ts'

/**
 * Whether a run may go from one state to another: a final state never changes, a run that has started is never queued
 * again, and a stop that was asked for is never taken back.
 */
export function allowed(from: RunState, to: RunState): boolean {
  switch (from.kind) {
    case 'queued':
      return startsOrEndsBefore(to)
    case 'running':
      return goesOnOrEnds(from, to)
    case 'done':
    case 'failed':
    case 'failed-to-spawn':
    case 'cancelled':
    case 'killed':
    case 'timed-out':
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
      return true
    case 'done':
    case 'killed':
    case 'timed-out':
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
    case 'done':
    case 'failed':
    case 'cancelled':
    case 'killed':
    case 'timed-out':
    case 'lost':
      return true
    case 'queued':
    case 'failed-to-spawn':
      return false
    default:
      return to satisfies never
  }
}
