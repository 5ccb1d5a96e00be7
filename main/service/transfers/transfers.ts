import { rm } from 'node:fs/promises'
import type { Run, RunId, TransferRun } from '#contract/run.ts'
import type { ServiceContract } from '#contract/service.ts'
import type { BrokerContract } from '#contract/supervision.ts'
import type { Client } from '#kit/client.ts'
import { failed, RequestFailed } from '#kit/request-failed.ts'
import type { Handlers } from '#kit/serve.ts'
import type { HostMemory } from '../queries/guard-memory.ts'
import { createHostPool, type HostPool } from '../queries/host-pool.ts'
import { serveResults } from '../queries/serve-results.ts'
import { untilStopped } from '../queries/until-stopped.ts'
import type { RunStore } from '../runs/run-store.ts'
import { runTransfer, unfinishedFile } from './run-transfer.ts'

/** A transfer takes its host for minutes, and the next one is seldom soon or of the same database. */
const IDLE_MS = 10_000

/** Runs that write rows to files, or files to tables. */
export interface Transfers {
  readonly handlers: Pick<Handlers<ServiceContract>, 'transfer.run' | 'import.preview'>
  /** Stops a transfer if it is under way; resolves once its work has really ended. */
  cancel(id: RunId): Promise<void>
  /** At the start of the service: ends the records of transfers that ended with the service before. */
  reconcile(): Promise<void>
  /** Has new connections of a server's user made with another password. */
  readonly setPassword: HostPool['setPassword']
  /** Ends every host; transfers under way fail. */
  close(): Promise<void>
}

export interface TransfersOptions {
  readonly store: RunStore
  /** Main, which forks and ends query hosts. */
  readonly broker: Client<BrokerContract>
  /** Where the result of a run is, without the endings of its files. */
  readonly resultPath: (id: RunId) => string
  /** What the process of a transfer may hold. */
  readonly memory?: HostMemory
  /** Told of what went wrong without anybody waiting for it; for the log. */
  readonly onTrouble: (message: string, cause: unknown) => void
}

/** Runs transfers on hosts of their own, so that no query waits for one, and keeps their records. */
export function openTransfers(options: TransfersOptions): Transfers {
  const { store, broker, resultPath, memory, onTrouble } = options
  const pool = serveResults(
    createHostPool({ broker, onTrouble, memory, idleMs: IDLE_MS, warmMs: IDLE_MS }),
    resultPath,
  )
  const active = new Map<RunId, { readonly cancelling: AbortController; readonly finished: Promise<Run> }>()

  return {
    handlers: {
      async 'transfer.run'(spec, { signal, offer }) {
        const created = await store.create(spec)
        const { id } = created
        offer(created)
        const stopTelling = store.watch((run) => {
          if (run.id === id) offer(run)
        })
        const cancelling = new AbortController()
        const onAbort = (): void => {
          // An asker that is gone did not ask for a stop: the run goes on, and is found in the history.
          const isGone = signal.reason instanceof RequestFailed && signal.reason.code === 'host-lost'
          if (!isGone) cancelling.abort(signal.reason)
        }
        if (signal.aborted) onAbort()
        else signal.addEventListener('abort', onAbort, { once: true })
        const { signal: stopped } = cancelling
        const finished = runTransfer({
          store,
          lease: pool.lease,
          resultPath,
          onTrouble,
          id,
          spec,
          signal: stopped,
        })
        active.set(id, { cancelling, finished })
        try {
          return await finished
        } finally {
          active.delete(id)
          stopTelling()
        }
      },
      async 'import.preview'({ database, file, format }, { signal }) {
        const lease = await pool.lease({ database, mode: 'read-write', use: 'quick', signal })
        try {
          return await untilStopped(lease, signal, () =>
            lease.client.call('previewImport', { file, ...(format ? { format } : {}) }, { signal }),
          )
        } finally {
          lease.release()
        }
      },
    },
    async cancel(id) {
      const transfer = active.get(id)
      transfer?.cancelling.abort(failed('cancelled', `Run ${id} was cancelled.`))
      await transfer?.finished
    },
    async reconcile() {
      for (const run of await store.unfinished()) {
        if (run.kind === 'transfer') await lose(store, run)
      }
    },
    setPassword: pool.setPassword,
    close: () => pool.close(),
  }
}

/** Ends the record of a transfer that ended with the service, and removes what it has left. */
async function lose(store: RunStore, { id, state, spec: { transfer } }: TransferRun): Promise<void> {
  if (transfer.kind === 'export') await rm(unfinishedFile(id, transfer), { force: true })
  const left =
    transfer.kind === 'export'
      ? 'What it had written was removed; export again.'
      : 'It was imported either wholly or not at all: look before you import it again.'
  await store.transition(id, {
    kind: 'lost',
    ...(state.kind === 'running' ? { startedAt: state.startedAt } : {}),
    endedAt: Date.now(),
    message: `Offloop ended while this was under way. ${left}`,
  })
}
