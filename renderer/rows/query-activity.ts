import type { Failure } from '#contract/failure.ts'
import { isFinal, type QueryRun } from '#contract/run.ts'

/** What a query tab is doing. */
export type QueryActivity =
  | { readonly kind: 'idle' }
  /** The request is on its way, and there is no run yet. */
  | { readonly kind: 'asking'; readonly askedAt: number; readonly stopping: boolean }
  | { readonly kind: 'run'; readonly run: QueryRun; readonly stopping: boolean }
  /** The request itself failed: there is no run, or nothing is known of it. */
  | { readonly kind: 'refused'; readonly failure: Failure }

/** Whether something is being waited for, and can be stopped. */
export function isWorking(activity: QueryActivity): boolean {
  switch (activity.kind) {
    case 'idle':
    case 'refused':
      return false
    case 'asking':
      return true
    case 'run':
      return !isFinal(activity.run.state)
    default:
      return activity satisfies never
  }
}

/** Whether a stop was asked for and is not confirmed yet. */
export function isStopping(activity: QueryActivity): boolean {
  if (!isWorking(activity)) return false
  switch (activity.kind) {
    case 'idle':
    case 'refused':
      return false
    case 'asking':
      return activity.stopping
    case 'run':
      return activity.stopping || (activity.run.state.kind === 'running' && activity.run.state.stopping)
    default:
      return activity satisfies never
  }
}

/** The failure to show for an activity, if it came to one. */
export function failureIn(activity: QueryActivity): Failure | undefined {
  if (activity.kind === 'refused') return activity.failure
  if (activity.kind !== 'run' || activity.run.state.kind !== 'failed') return undefined
  const { cause } = activity.run.state
  return cause.kind === 'error' ? cause.failure : undefined
}
