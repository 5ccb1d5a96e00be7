import { engineOf } from '#contract/database.ts'
import type { RunId } from '#contract/run.ts'
import type { ServiceContract } from '#contract/service.ts'
import type { StagedEdits } from '#contract/edits.ts'
import { failed, RequestFailed } from '#kit/request-failed.ts'
import type { Handlers } from '#kit/serve.ts'
import type { HostPool } from '../queries/host-pool.ts'
import { untilStopped } from '../queries/until-stopped.ts'
import type { RunStore } from '../runs/run-store.ts'
import { applyEdits, type EditsEnd } from './apply-edits.ts'

export type EditMethods = 'edits.plan' | 'edits.apply'

/** Edits of data, from their plan to their commit. */
export interface Edits {
  readonly handlers: Pick<Handlers<ServiceContract>, EditMethods>
  /** Stops edits if they are under way; resolves once their work has really ended. */
  cancel(id: RunId): Promise<void>
}

export interface EditsOptions {
  readonly store: RunStore
  readonly pool: HostPool
  /** Told of what went wrong without anybody waiting for it; for the log. */
  readonly onTrouble: (message: string, cause: unknown) => void
}

/** Answers about edits, on the hosts of queries. */
export function openEdits({ store, pool, onTrouble }: EditsOptions): Edits {
  const active = new Map<
    RunId,
    { readonly stopping: AbortController; readonly finished: Promise<EditsEnd> }
  >()

  async function plan(database: string, staged: StagedEdits, signal: AbortSignal) {
    refuseResults(database)
    const lease = await pool.lease({ database, mode: 'read-only', use: 'quick', signal })
    try {
      return await untilStopped(lease, signal, () => lease.client.call('edits.plan', staged, { signal }))
    } finally {
      lease.release()
    }
  }

  return {
    handlers: {
      'edits.plan': ({ database, ...staged }, { signal }) => plan(database, staged, signal),
      async 'edits.apply'({ database, ...staged }, { signal }) {
        const { sql } = await plan(database, staged, signal)
        const { id } = await store.create({ kind: 'query', database, mode: 'read-write', sql })
        const stopping = new AbortController()
        const onAbort = (): void => stopping.abort(signal.reason)
        if (signal.aborted) onAbort()
        else signal.addEventListener('abort', onAbort, { once: true })
        const finished = applyEdits({
          store,
          lease: pool.lease,
          onTrouble,
          id,
          database,
          staged,
          signal: stopping.signal,
        })
        active.set(id, { stopping, finished })
        try {
          const { outcome } = await finished
          if ('failure' in outcome) throw new RequestFailed(outcome.failure)
          return { ...outcome.applied, run: id }
        } finally {
          signal.removeEventListener('abort', onAbort)
          active.delete(id)
        }
      },
    },
    async cancel(id) {
      const edits = active.get(id)
      edits?.stopping.abort(failed('cancelled', `Run ${id} was cancelled.`))
      await edits?.finished
    },
  }
}

function refuseResults(database: string): void {
  const engine = engineOf(database)
  switch (engine) {
    case 'sqlite':
    case 'postgres':
      return
    case 'result':
      throw failed(
        'invalid-params',
        'A result is what its query found and cannot be edited. Edit the table itself.',
      )
    case 'history':
      throw failed('invalid-params', 'The history is what happened and cannot be edited.')
    default:
      engine satisfies never
  }
}
