import type { Run, RunId, RunState } from '#contract/run.ts'
import { failed, failureOf } from '#kit/request-failed.ts'
import type { RunStore } from '../runs/run-store.ts'

/**
 * Takes a queued run to its final state on a query host, and writes that. Resolves once its work has really ended.
 * @param signal aborted when it is to be stopped.
 */
export type CarryOut = (run: Run, signal: AbortSignal) => Promise<Run>

interface Work {
  readonly carryOut: CarryOut
  readonly stopping: AbortController
  /** Settled when the run has ended, and its last state is written. */
  readonly ended: PromiseWithResolvers<void>
  hasTurn: boolean
}

export interface HostedWorkOptions {
  readonly store: RunStore
  readonly onStarted: (id: RunId) => void
  /** Told when the work of a run has really ended; its last state is written already. */
  readonly onEnded: (id: RunId, state: RunState) => void
  readonly onTrouble: (message: string, cause: unknown) => void
}

/** The work of queries and transfers that stand in pools: each does itself what a host does for it, and writes its states. */
export function createHostedWork({ store, onStarted, onEnded, onTrouble }: HostedWorkOptions) {
  const works = new Map<RunId, Work>()

  async function carryOut(run: Run, work: Work, written: Promise<unknown>): Promise<RunState> {
    try {
      await written
      onStarted(run.id)
      return (await work.carryOut(run, work.stopping.signal)).state
    } catch (error) {
      onTrouble(`The end of run ${run.id} could not be written.`, error)
      const present = store.present(run.id)?.state
      if (present?.kind !== 'queued' && present?.kind !== 'running') return present ?? lastState(error)
      return (await store.transition(run.id, lastState(error))).state
    }
  }

  return {
    /** To be told before its turn can come. */
    expect(id: RunId, carryOut: CarryOut): void {
      works.set(id, {
        carryOut,
        stopping: new AbortController(),
        ended: Promise.withResolvers(),
        hasTurn: false,
      })
    },
    /** Whether it is its own work that says how a run stands, and no longer the scheduler. */
    hasTurn: (id: RunId): boolean => works.get(id)?.hasTurn === true,

    /** Begins the work of a run whose turn has come. @param written resolves when its intent to start is on disk. */
    begin(run: Run, written: Promise<unknown>): void {
      const work = works.get(run.id)
      if (!work) throw new Error(`Run ${run.id} has nobody who carries it out.`)
      work.hasTurn = true
      carryOut(run, work, written).then(
        (state) => onEnded(run.id, state),
        (error: unknown) => {
          onTrouble(`Run ${run.id} could not be ended.`, error)
          onEnded(run.id, lastState(error))
        },
      )
    },

    /** Asks the work of a run to stop, and waits until the run has ended. */
    async stop(id: RunId): Promise<void> {
      const work = works.get(id)
      work?.stopping.abort(failed('cancelled', `Run ${id} was cancelled.`))
      await work?.ended.promise
    },

    /** Resolves when a run has ended, whether it had begun or not. */
    ended: (id: RunId): Promise<void> => works.get(id)?.ended.promise ?? Promise.resolve(),

    /** A run has ended, and that is written. */
    conclude(id: RunId): void {
      works.get(id)?.ended.resolve()
      works.delete(id)
    },

    /** Nothing more is told of what waits; whoever waits for it is let go. */
    close(): void {
      for (const { ended, hasTurn } of works.values()) if (!hasTurn) ended.resolve()
    },
  }
}

function lastState(error: unknown): RunState {
  const now = Date.now()
  const cause = { kind: 'error', failure: failureOf(error) } as const
  return { kind: 'failed', startedAt: now, endedAt: now, durationMs: 0, cause }
}
