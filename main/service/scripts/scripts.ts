import { querySpec, type Run, type RunId } from '#contract/run.ts'
import type { ServiceContract } from '#contract/service.ts'
import type { BrokerContract } from '#contract/supervision.ts'
import type { Client } from '#kit/client.ts'
import { failed } from '#kit/request-failed.ts'
import type { Handlers, StreamContext } from '#kit/serve.ts'
import { availableParallelism } from 'node:os'
import type { HostMemory } from '../queries/guard-memory.ts'
import { createHostPool, type HostPool } from '../queries/host-pool.ts'
import type { RunStore } from '../runs/run-store.ts'
import type { Scheduler } from '../scheduler/open-scheduler.ts'
import { runScript, type Script, type ScriptItem, type ScriptRun } from './run-script.ts'
import { tellWaiting } from './tell-waiting.ts'

/**
 * Scripts have hosts of their own: one whose reader has paused holds its host, and the window must not wait for that.
 * More than there are cores, because those that are paused use none.
 */
const HOSTS_PER_CORE = 2
const MIN_HOSTS = 4
/** A shell loop asks again within seconds; after that a warm host would only take memory from others. */
const WARM_MS = 60_000

type Asker = StreamContext<ScriptItem>

/** Runs of several statements, whose rows go to their asker. */
export interface Scripts {
  readonly handlers: Pick<Handlers<ServiceContract>, 'script.run'>
  /** Stops a script that stands in no pool, if it is under way; resolves once its work has really ended. */
  cancel(id: RunId): Promise<void>
  /** Has new connections of a server's user made with another password. */
  readonly setPassword: HostPool['setPassword']
  /** Ends every host; scripts under way fail. */
  close(): Promise<void>
}

export interface ScriptsOptions {
  readonly store: RunStore
  /** Lets those begin that stand in pools. */
  readonly scheduler: Pick<Scheduler, 'runHosted'>
  /** Main, which forks and ends query hosts. */
  readonly broker: Client<BrokerContract>
  /** What the process of a script may hold. */
  readonly memory?: HostMemory
  /** Told of what went wrong without anybody waiting for it; for the log. */
  readonly onTrouble: (message: string, cause: unknown) => void
}

/** Runs scripts and keeps their records. */
export function openScripts({ store, scheduler, broker, memory, onTrouble }: ScriptsOptions): Scripts {
  const limit = Math.max(MIN_HOSTS, HOSTS_PER_CORE * availableParallelism())
  const pool = createHostPool({ broker, onTrouble, limit, memory, idleMs: WARM_MS, warmMs: WARM_MS })
  const active = new Map<RunId, { readonly stopping: AbortController; readonly finished: Promise<Run> }>()

  function statements(id: RunId, script: Script, signal: AbortSignal, emit: ScriptRun['emit']): Promise<Run> {
    return runScript({ store, lease: pool.lease, onTrouble, id, script, emit, signal })
  }

  async function runAtOnce(script: Script, { emit, offer, signal }: Asker): Promise<Run> {
    const { id } = await store.create(querySpec.parse(script))
    const stopTelling = tellWaiting(store, id, (reasons) => offer({ kind: 'waiting', run: id, reasons }))
    const stopping = new AbortController()
    const onAbort = (): void => stopping.abort(signal.reason)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    const finished = statements(id, script, stopping.signal, emit)
    active.set(id, { stopping, finished })
    try {
      return await finished
    } finally {
      active.delete(id)
      stopTelling()
    }
  }

  return {
    handlers: {
      async 'script.run'(script, asker) {
        const { terms, whenFull, roomWaitMs } = script
        if (!terms) return runAtOnce(script, asker)
        const { emit, offer, signal } = asker
        let stopTelling: (() => void) | undefined
        try {
          return await scheduler.runHosted({
            ...{ terms, whenFull, roomWaitMs, signal, cancelled: signal, forAsker: true },
            spec: querySpec.parse(script),
            onCreated({ id }) {
              stopTelling = tellWaiting(store, id, (reasons) => offer({ kind: 'waiting', run: id, reasons }))
            },
            carryOut: ({ id }, stopped) => statements(id, script, stopped, emit),
          })
        } finally {
          stopTelling?.()
        }
      },
    },
    async cancel(id) {
      const script = active.get(id)
      script?.stopping.abort(failed('cancelled', `Run ${id} was cancelled.`))
      await script?.finished
    },
    setPassword: pool.setPassword,
    close: () => pool.close(),
  }
}
