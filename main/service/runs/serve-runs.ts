import { EventEmitter, once } from 'node:events'
import { isFinal, type Run, type RunId, type WaitingReason } from '#contract/run.ts'
import type { ServiceContract } from '#contract/service.ts'
import { emitLatest } from '#kit/emit-latest.ts'
import { failed } from '#kit/request-failed.ts'
import type { Handlers } from '#kit/serve.ts'
import type { RunStore } from './run-store.ts'

/** A thousand changed runs in one message would keep the loop for 20 ms, and the page for longer. */
const RUNS_TOLD_AT_ONCE = 100
/** Least time between two messages about what has changed, in milliseconds: nobody reads faster in a list. */
const TOLD_EVERY_MS = 100

export type RunMethods = 'run.get' | 'run.cancel' | 'runs.list' | 'runs.watch' | 'run.watch'

/** How each kind of run is stopped; resolves once its work has really ended. */
export interface Stoppers {
  readonly query: (id: RunId) => Promise<void>
  readonly transfer: (id: RunId) => Promise<void>
  /** Whatever stands in a pool, as every command does. */
  readonly inPool: (id: RunId) => Promise<void>
}

/** Who stops a run. */
export function stopperOf({ kind, terms }: Pick<Run, 'kind' | 'terms'>): keyof Stoppers {
  return terms || kind === 'command' ? 'inPool' : kind
}

/**
 * Answers what a window asks about runs of any kind.
 * @param reasonsOf why a run waits at this moment; undefined for what the scheduler does not have.
 */
export function serveRuns(
  store: RunStore,
  stop: Stoppers,
  reasonsOf: (id: RunId) => WaitingReason[] | undefined,
): Pick<Handlers<ServiceContract>, RunMethods> {
  /** With the reasons of this moment: those of the store are as old as the last look at all of them. */
  function asNow(run: Run): Run {
    const reasons = run.state.kind === 'queued' ? reasonsOf(run.id) : undefined
    return reasons ? { ...run, state: { kind: 'queued', reasons } } : run
  }

  async function found(id: RunId): Promise<Run> {
    const run = await store.get(id)
    if (!run) throw failed('not-found', `There is no run ${id}.`)
    return asNow(run)
  }

  return {
    'run.get': ({ id }) => found(id),
    async 'run.cancel'({ id }) {
      const run = await found(id)
      if (isFinal(run.state)) return run
      await stop[stopperOf(run)](id)
      return found(id)
    },
    async 'runs.list'({ before, limit, unfinished }) {
      if (!unfinished) {
        const { runs, more } = await store.list({ before, limit })
        return { runs: runs.map(asNow), more }
      }
      const all = (await store.unfinished()).filter(({ id }) => before === undefined || id < before)
      return { runs: all.slice(-limit).reverse().map(asNow), more: all.length > limit }
    },
    async 'run.watch'({ id }, context) {
      let latest = await found(id)
      let sent: Run | undefined
      const changes = new EventEmitter()
      const stopWatching = store.watch((run) => {
        if (run.id !== id) return
        latest = run
        changes.emit('changed')
      })
      try {
        // It may have changed before anybody listened.
        latest = await found(id)
        while (!isFinal(latest.state)) {
          if (sent === latest) await once(changes, 'changed', { signal: context.signal })
          sent = latest
          await context.emit(asNow(sent))
        }
        return latest
      } finally {
        stopWatching()
      }
    },
    'runs.watch'(_params, context) {
      const latest = new Map<RunId, Run>()
      let more = (): void => undefined
      return emitLatest(
        context,
        () => {
          const runs = [...latest.values()].slice(0, RUNS_TOLD_AT_ONCE)
          for (const { id } of runs) latest.delete(id)
          if (latest.size > 0) more()
          return runs
        },
        (changed) => {
          more = changed
          return store.watch((run) => {
            latest.set(run.id, run)
            changed()
          })
        },
        TOLD_EVERY_MS,
      )
    },
  }
}
