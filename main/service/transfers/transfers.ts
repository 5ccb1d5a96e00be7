import { rm } from 'node:fs/promises'
import type { Run, RunId, TransferRun } from '#contract/run.ts'
import type { ServiceContract } from '#contract/service.ts'
import type { BrokerContract } from '#contract/supervision.ts'
import type { Client } from '#kit/client.ts'
import type { TransferSpec } from '#contract/transfer.ts'
import { failed, RequestFailed } from '#kit/request-failed.ts'
import type { Handlers } from '#kit/serve.ts'
import type { HostMemory } from '../queries/guard-memory.ts'
import { createHostPool, type HostPool } from '../queries/host-pool.ts'
import { serveResults } from '../queries/serve-results.ts'
import { untilStopped } from '../queries/until-stopped.ts'
import type { Pumps } from '../pipes/pumps.ts'
import type { RunStore } from '../runs/run-store.ts'
import type { Scheduler } from '../scheduler/open-scheduler.ts'
import { waitsForItself } from '../scheduler/restore-runs.ts'
import { runTransfer, unfinishedFile } from './run-transfer.ts'

/** A transfer takes its host for minutes, and the next one is seldom soon or of the same database. */
const IDLE_MS = 10_000

/** Runs that write rows to files, or files to tables. */
export interface Transfers {
  readonly handlers: Pick<Handlers<ServiceContract>, 'transfer.run' | 'import.preview'>
  /** Carries out a transfer that was written down, and resolves with its last state. */
  begin(run: TransferRun): Promise<Run>
  /** Carries out a transfer whose turn has come, and resolves with its last state. */
  carryOut(run: TransferRun, signal: AbortSignal): Promise<Run>
  /** Stops a transfer that stands in no pool and waits or is under way; resolves once its work has really ended. */
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
  /** Lets those begin that stand in pools. */
  readonly scheduler: Pick<Scheduler, 'runHosted'>
  /** Main, which forks and ends query hosts. */
  readonly broker: Client<BrokerContract>
  /** Where the result of a run is, without the endings of its files. */
  readonly resultPath: (id: RunId) => string
  /** What the process of a transfer may hold. */
  readonly memory?: HostMemory
  /** Told of what went wrong without anybody waiting for it; for the log. */
  readonly onTrouble: (message: string, cause: unknown) => void
  /** The named pipe that a run writes to or reads from. */
  readonly pipeEnd: Pumps['end']
}

/** Runs transfers on hosts of their own, so that no query waits for one, and keeps their records. */
export function openTransfers(options: TransfersOptions): Transfers {
  const { store, scheduler, broker, resultPath, memory, pipeEnd, onTrouble } = options
  const pool = serveResults(
    createHostPool({ broker, onTrouble, memory, idleMs: IDLE_MS, warmMs: IDLE_MS }),
    resultPath,
  )
  const active = new Map<RunId, { readonly cancelling: AbortController; readonly finished: Promise<Run> }>()

  function transfer({ id, spec }: Pick<TransferRun, 'id' | 'spec'>, signal: AbortSignal): Promise<Run> {
    return runTransfer({ store, lease: pool.lease, resultPath, pipeEnd, onTrouble, id, spec, signal })
  }

  async function beginNow(run: Pick<TransferRun, 'id' | 'spec'>, cancelling: AbortController): Promise<Run> {
    const finished = transfer(run, cancelling.signal)
    active.set(run.id, { cancelling, finished })
    try {
      return await finished
    } finally {
      active.delete(run.id)
    }
  }

  return {
    handlers: {
      async 'transfer.run'({ terms, whenFull, roomWaitMs, ...spec }, { signal, offer }) {
        const cancelling = new AbortController()
        const onAbort = (): void => {
          // An asker that is gone did not ask for a stop: the run goes on, and is found in the history.
          const isGone = signal.reason instanceof RequestFailed && signal.reason.code === 'host-lost'
          if (!isGone) cancelling.abort(signal.reason)
        }
        let stopTelling: (() => void) | undefined
        function onCreated(created: Run): void {
          offer(created)
          stopTelling = store.watch((run) => {
            if (run.id === created.id) offer(run)
          })
        }
        try {
          if (signal.aborted) onAbort()
          else signal.addEventListener('abort', onAbort, { once: true })
          if (terms)
            return await scheduler.runHosted({
              ...{ spec, terms, whenFull, roomWaitMs, signal, cancelled: cancelling.signal, onCreated },
              carryOut: ({ id }, stopped) => transfer({ id, spec }, stopped),
            })
          const created = await store.create(spec)
          onCreated(created)
          return await beginNow({ id: created.id, spec }, cancelling)
        } finally {
          stopTelling?.()
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
    begin: (run) => beginNow(run, new AbortController()),
    carryOut: transfer,
    async cancel(id) {
      const transfer = active.get(id)
      if (transfer) {
        transfer.cancelling.abort(failed('cancelled', `Run ${id} was cancelled.`))
        await transfer.finished
      } else if (store.present(id)?.state.kind === 'queued') {
        const endedAt = Date.now()
        await store.transition(id, { kind: 'cancelled', endedAt, durationMs: 0, how: 'before-start' })
      }
    },
    async reconcile() {
      for (const run of await store.unfinished()) {
        if (run.kind === 'transfer' && !waitsForItself(run)) await lose(store, run)
      }
    },
    setPassword: pool.setPassword,
    close: () => pool.close(),
  }
}

/** Ends the record of a transfer that ended with the service, and removes what it has left. */
async function lose(store: RunStore, { id, state, spec: { transfer } }: TransferRun): Promise<void> {
  if (transfer.kind === 'export') await rm(unfinishedFile(id, transfer), { force: true })
  await store.transition(id, {
    kind: 'lost',
    ...(state.kind === 'running' ? { startedAt: state.startedAt } : {}),
    endedAt: Date.now(),
    message: `Offloop ended while this was under way. ${leftBy(transfer)}`,
  })
}

function leftBy(transfer: TransferSpec['transfer']): string {
  switch (transfer.kind) {
    case 'export':
      return 'What it had written was removed; export again.'
    case 'import':
    case 'load':
      return 'It was imported either wholly or not at all: look before you import it again.'
    case 'feed':
      return 'What reads its rows is stopped; make the pipe again.'
    default:
      return transfer satisfies never
  }
}
