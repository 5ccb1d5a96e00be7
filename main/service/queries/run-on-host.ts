import type { Run, RunId, RunState, WaitingReason } from '#contract/run.ts'
import { failed, failureOf } from '#kit/request-failed.ts'
import type { RunStore } from '../runs/run-store.ts'
import type { HostTarget } from './fork-host.ts'
import type { HostPool, Lease } from './host-pool.ts'
import { OutOfMemory, Stopped, untilStopped } from './until-stopped.ts'

/** A run whose work is done by a query host. */
export interface HostRun {
  readonly store: RunStore
  /** Where it gets its host. */
  readonly lease: HostPool['lease']
  readonly target: HostTarget
  readonly id: RunId
  /** How long it may run, the waiting for a host not counted. */
  readonly timeoutMs?: number | undefined
  /** Aborting cancels the run. */
  readonly signal: AbortSignal
  readonly onTrouble: (message: string, cause: unknown) => void
  /** Told why it waits, besides the run's record. */
  readonly onWaiting?: (reason: WaitingReason) => void
  /** Does the work. @returns the final state. @throws what makes the run failed, or stopped. */
  readonly work: (host: HostAtWork) => Promise<RunState>
  /** What to say when its process has ended and nobody had asked for that. */
  readonly lostMessage: () => string
}

/** The host of a run, and the run's times. */
export interface HostAtWork {
  readonly lease: Lease
  /** Aborted when the run is cancelled, or its time is used up. */
  readonly signal: AbortSignal
  /** Lets the host do something that ends when the signal is aborted: see `untilStopped`. */
  stoppable<R>(work: (stopToken: string) => Promise<R>): Promise<R>
  /** The times of a final state that begins now. */
  ended(): { startedAt: number; endedAt: number; durationMs: number }
}

/** Takes a queued run to its final state. Resolves with that once the work has really ended. */
export async function runOnHost(run: HostRun): Promise<Run> {
  const { store, target, id, signal, onWaiting } = run
  let lease: Lease
  try {
    lease = await run.lease({
      ...target,
      use: 'statement',
      signal,
      onWaiting(reason) {
        note(run, store.transition(id, { kind: 'queued', reasons: [reason] }))
        onWaiting?.(reason)
      },
    })
  } catch (error) {
    return store.transition(id, signal.aborted ? cancelledBeforeStart() : failedBeforeStart(error))
  }
  try {
    return await store.transition(id, await workOn(lease, run))
  } finally {
    lease.release()
  }
}

/** The final state of a run that ends before it has a host. */
export function failedBeforeStart(error: unknown): RunState {
  const now = Date.now()
  const cause = { kind: 'error', failure: failureOf(error) } as const
  return { kind: 'failed', startedAt: now, endedAt: now, durationMs: 0, cause }
}

function cancelledBeforeStart(): RunState {
  return { kind: 'cancelled', endedAt: Date.now(), durationMs: 0, how: 'before-start' }
}

/** @returns the final state. */
async function workOn(lease: Lease, run: HostRun): Promise<RunState> {
  const { store, id, timeoutMs, signal, work, lostMessage } = run
  const startedAt = Date.now()
  const clock = performance.now()
  const running = { kind: 'running', startedAt, pid: lease.pid, adopted: false } as const
  const ended = (): { startedAt: number; endedAt: number; durationMs: number } => ({
    startedAt,
    endedAt: Date.now(),
    durationMs: performance.now() - clock,
  })
  const stopping = new AbortController()
  const stop = (reason: unknown): void => {
    if (stopping.signal.aborted) return
    note(run, store.transition(id, { ...running, stopping: true }))
    stopping.abort(reason)
  }
  const cancel = (): void => stop(signal.reason)
  note(run, store.transition(id, { ...running, stopping: false }))
  if (signal.aborted) cancel()
  else signal.addEventListener('abort', cancel, { once: true })
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => stop(failed('deadline', `Run ${id} took longer than ${timeoutMs} ms.`)), timeoutMs)
  try {
    return await work({
      lease,
      signal: stopping.signal,
      stoppable: (each) => untilStopped(lease, stopping.signal, each),
      ended,
    })
  } catch (error) {
    if (error instanceof Stopped) {
      const { code, how } = error
      return code === 'deadline'
        ? { kind: 'timed-out', ...ended(), limitMs: timeoutMs ?? 0, how }
        : { kind: 'cancelled', ...ended(), how }
    }
    const failure = failureOf(error)
    const isUnexpected = failure.code === 'host-lost' && !(error instanceof OutOfMemory)
    return {
      kind: 'failed',
      ...ended(),
      cause: {
        kind: 'error',
        failure: isUnexpected ? { code: 'host-lost', message: lostMessage() } : failure,
      },
    }
  } finally {
    signal.removeEventListener('abort', cancel)
    clearTimeout(timer)
  }
}

/** Lets a step be written that nobody waits for. */
function note({ id, onTrouble }: HostRun, step: Promise<unknown>): void {
  step.catch((error: unknown) => onTrouble(`A step of run ${id} could not be noted.`, error))
}
