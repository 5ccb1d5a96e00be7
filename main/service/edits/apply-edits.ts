import type { AppliedEdits, StagedEdits } from '#contract/edits.ts'
import type { Failure } from '#contract/failure.ts'
import type { Run } from '#contract/run.ts'
import { failed, failureOf } from '#kit/request-failed.ts'
import type { Lease } from '../queries/host-pool.ts'
import { runOnHost, type HostAtWork, type HostRun } from '../queries/run-on-host.ts'
import { Stopped } from '../queries/until-stopped.ts'

/** Aborting the signal rolls everything back, until the commit has begun. */
export interface EditsRun extends Pick<HostRun, 'store' | 'lease' | 'id' | 'signal' | 'onTrouble'> {
  readonly database: string
  readonly staged: StagedEdits
}

/** How edits ended: with a final run, and with what they did, or why they did nothing. */
export interface EditsEnd {
  readonly run: Run
  readonly outcome: { readonly applied: AppliedEdits } | { readonly failure: Failure }
}

const LOST_IN_COMMIT =
  'The process ended while it committed the edits: either all of them were made, or none. Read the rows again to see which.'

/** Takes a queued run of edits to its final state. Resolves with that once the work has really ended. */
export async function applyEdits(editing: EditsRun): Promise<EditsEnd> {
  const { store, id, database, signal } = editing
  let applied: AppliedEdits | undefined
  const run = await runOnHost({
    ...editing,
    target: { database, mode: 'read-write' },
    lostMessage: () =>
      'The process that made the edits ended unexpectedly. Nothing was changed. Apply them again.',
    async work(host) {
      const made = await make(host, editing)
      try {
        // From here on nothing stops it, because nobody could say any more whether it was in time.
        await host.lease.client.call('edits.commit', {})
      } catch (error) {
        if (failureOf(error).code !== 'host-lost') throw error
        const { startedAt, endedAt } = host.ended()
        return { kind: 'lost', startedAt, endedAt, message: LOST_IN_COMMIT }
      }
      applied = made
      store.progress(id, { columns: [], rows: 0, bytes: 0, changes: made.changes })
      return { kind: 'done', ...host.ended() }
    },
  })
  return { run, outcome: applied ? { applied } : { failure: failureIn(run, signal) } }
}

/** Makes the edits in a transaction that stays open; where they are stopped, it is rolled back. */
async function make({ lease, stoppable, signal }: HostAtWork, { staged }: EditsRun): Promise<AppliedEdits> {
  try {
    return await stoppable(async (stopToken) => {
      const made = await lease.client.call('edits.make', { ...staged, stopToken }, { signal })
      signal.throwIfAborted()
      return made
    })
  } catch (error) {
    // The edits may have been made just before the cancel was heard: closing the connection rolls them back.
    if (error instanceof Stopped && error.how !== 'process-ended') await closeOrKill(lease)
    throw error
  }
}

/** Ends a transaction with its connection, or with its process if that does not work. */
async function closeOrKill(lease: Lease): Promise<void> {
  await lease.client.call('close', {}).catch(() => lease.kill())
}

/** Why edits did nothing. */
function failureIn({ state }: Run, signal: AbortSignal): Failure {
  if (state.kind === 'failed' && state.cause.kind === 'error') return state.cause.failure
  if (state.kind === 'lost') return failed('host-lost', state.message).failure
  return failureOf(signal.reason)
}
