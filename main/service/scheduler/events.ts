import type { RunId, RunState } from '#contract/run.ts'
import type { Dependency, PoolChange, PoolLimits, RunTerms } from '#contract/terms.ts'

/** How a run that another comes after stands. */
export interface KnownDependency extends Dependency {
  /** Whether it was done; undefined while it has not ended. */
  readonly done: boolean | undefined
}

/** Everything that can happen to the scheduler. */
export type SchedulerEvent =
  /** A run is on disk and waits from now on. */
  | {
      readonly kind: 'add'
      readonly id: RunId
      readonly terms: RunTerms
      readonly attempt: number
      readonly after: readonly KnownDependency[]
      /** The room that was kept for it. */
      readonly ticket?: number
      /** When it was asked for, by the wall clock: its limits count from there, also in a new process. */
      readonly askedAt: number
      /** It was tried before: all that is left of what it waited for is the pause until this moment, by the wall clock. */
      readonly retryAt?: number | undefined
    }
  /** An earlier service has left it with its processes. */
  | {
      readonly kind: 'adopt'
      readonly id: RunId
      readonly terms: RunTerms
      readonly attempt: number
      readonly startedAt: number
      readonly paused: boolean
      readonly stopping: boolean
    }
  | { readonly kind: 'started' | 'halted' | 'continued'; readonly id: RunId }
  /** A run's work has really ended; also told of runs that are not the scheduler's, for those that come after them. */
  | { readonly kind: 'ended'; readonly id: RunId; readonly state: RunState }
  | { readonly kind: 'cancel'; readonly id: RunId }
  /** The first run of its pipe has begun. */
  | { readonly kind: 'begin'; readonly id: RunId }
  | {
      readonly kind: 'edit'
      readonly id: RunId
      readonly terms: RunTerms
      readonly after: readonly KnownDependency[]
    }
  | { readonly kind: 'hold' | 'release'; readonly id: RunId }
  | { readonly kind: 'pool-add'; readonly pool: string; readonly limits: PoolLimits }
  | { readonly kind: 'pool-set'; readonly pool: string; readonly limits: PoolChange }
  | {
      readonly kind: 'pool-pause' | 'pool-resume' | 'pool-close' | 'pool-open' | 'pool-terminate'
      readonly pool: string
    }
  /** Somebody wants to add a run and says what is to happen when the pool is full: `waitMs` undefined is for ever. */
  | {
      readonly kind: 'ask-room'
      readonly pool: string
      readonly ticket: number
      readonly whenFull: 'wait' | 'refuse'
      readonly waitMs?: number | undefined
    }
  /** The asker is gone, or its run could not be written. */
  | { readonly kind: 'leave-room'; readonly pool: string; readonly ticket: number }
  | { readonly kind: 'batch-cancel'; readonly batch: number }
  /** Offloop is about to end: whatever waits is for the next start. */
  | { readonly kind: 'rest' }
  /** Time has passed. */
  | { readonly kind: 'due' }
