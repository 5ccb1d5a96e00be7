import type { AppliedEdits, StagedEdits } from '#contract/edits.ts'
import type { Failure } from '#contract/failure.ts'
import type { CancelHow, Run, RunId, RunState } from '#contract/run.ts'
import { failed, failureOf } from '#kit/request-failed.ts'
import type { HostPool, Lease } from '../queries/host-pool.ts'
import { untilStopped } from '../queries/until-stopped.ts'
import type { RunStore } from '../runs/run-store.ts'

export interface EditsRun {
  readonly store: RunStore
  readonly pool: HostPool
  readonly onTrouble: (message: string, cause: unknown) => void
  readonly id: RunId
  readonly database: string
  readonly staged: StagedEdits
  /** Aborting rolls everything back, until the commit has begun. */
  readonly signal: AbortSignal
}

/** How edits ended: with a final run, and with what they did, or why they did nothing. */
export interface EditsEnd {
  readonly run: Run
  readonly outcome: { readonly applied: AppliedEdits } | { readonly failure: Failure }
}

type Outcome = EditsEnd['outcome']

/** Takes a queued run of edits to its final state. Resolves with that once the work has really ended. */
export async function applyEdits(run: EditsRun): Promise<EditsEnd> {
  const { store, pool, id, database, signal } = run
  let lease: Lease
  try {
    lease = await pool.lease({
      database,
      mode: 'read-write',
      use: 'statement',
      signal,
      onWaiting: (reason) => note(run, store.transition(id, { kind: 'queued', reasons: [reason] })),
    })
  } catch (error) {
    const now = Date.now()
    const failure = failureOf(error)
    const state: RunState = signal.aborted
      ? { kind: 'cancelled', endedAt: now, durationMs: 0, how: 'before-start' }
      : { kind: 'failed', startedAt: now, endedAt: now, durationMs: 0, cause: { kind: 'error', failure } }
    return { run: await store.transition(id, state), outcome: { failure } }
  }
  try {
    const { state, outcome } = await applyOn(lease, run)
    return { run: await store.transition(id, state), outcome }
  } finally {
    lease.release()
  }
}

async function applyOn(lease: Lease, run: EditsRun): Promise<{ state: RunState; outcome: Outcome }> {
  const { store, id, staged, signal } = run
  const { client, pid } = lease
  const startedAt = Date.now()
  const clock = performance.now()
  const running = { kind: 'running', startedAt, pid, adopted: false } as const
  const ended = (): { startedAt: number; endedAt: number; durationMs: number } => ({
    startedAt,
    endedAt: Date.now(),
    durationMs: performance.now() - clock,
  })
  const failedWith = (failure: Failure): { state: RunState; outcome: Outcome } => ({
    state: { kind: 'failed', ...ended(), cause: { kind: 'error', failure } },
    outcome: { failure },
  })
  const stopped = (how: CancelHow): { state: RunState; outcome: Outcome } => ({
    state: { kind: 'cancelled', ...ended(), how },
    outcome: { failure: failureOf(signal.reason) },
  })
  let killed = false
  const isKilled = (): boolean => killed
  const killable: Pick<Lease, 'kill'> = {
    async kill() {
      killed = true
      await lease.kill()
    },
  }
  note(run, store.transition(id, { ...running, stopping: false }))
  const onAbort = (): void => note(run, store.transition(id, { ...running, stopping: true }))
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })

  let applied: AppliedEdits
  try {
    applied = await untilStopped(killable, signal, () => client.call('edits.make', staged, { signal }))
    signal.throwIfAborted()
  } catch (error) {
    if (!signal.aborted) {
      const failure = failureOf(error)
      return failedWith(
        failure.code === 'host-lost'
          ? {
              ...failure,
              message:
                'The process that made the edits ended unexpectedly. Nothing was changed. Apply them again.',
            }
          : failure,
      )
    }
    // The edits may have been made just before the cancel was heard: closing the connection rolls them back.
    if (!isKilled()) await closeOrKill(lease)
    return stopped(isKilled() ? 'process-ended' : 'between-rows')
  } finally {
    signal.removeEventListener('abort', onAbort)
  }

  try {
    // From here on nothing stops it, because nobody could say any more whether it was in time.
    await client.call('edits.commit', {})
  } catch (error) {
    const failure = failureOf(error)
    if (failure.code !== 'host-lost') return failedWith(failure)
    const message =
      'The process ended while it committed the edits: either all of them were made, or none. Read the rows again to see which.'
    return {
      state: { kind: 'lost', startedAt, endedAt: Date.now(), message },
      outcome: { failure: failed('host-lost', message).failure },
    }
  }
  store.progress(id, { columns: [], rows: 0, bytes: 0, changes: applied.changes })
  return { state: { kind: 'done', ...ended() }, outcome: { applied } }
}

/** Ends a transaction with its connection, or with its process if that does not work. */
async function closeOrKill(lease: Lease): Promise<void> {
  await lease.client.call('close', {}).catch(() => lease.kill())
}

/** Lets a step be written that nobody waits for. */
function note({ id, onTrouble }: EditsRun, step: Promise<unknown>): void {
  step.catch((error: unknown) => onTrouble(`A step of run ${id} could not be noted.`, error))
}
