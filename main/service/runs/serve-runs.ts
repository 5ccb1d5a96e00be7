import { isFinal, type Run, type RunId } from '#contract/run.ts'
import type { ServiceContract } from '#contract/service.ts'
import { emitLatest } from '#kit/emit-latest.ts'
import { failed } from '#kit/request-failed.ts'
import type { Handlers } from '#kit/serve.ts'
import type { RunStore } from './run-store.ts'

export type RunMethods = 'run.get' | 'run.cancel' | 'runs.list' | 'runs.watch'

/** How each kind of run is stopped; resolves once its work has really ended. */
export interface Stoppers {
  readonly query: (id: RunId) => Promise<void>
  readonly command: (id: RunId) => Promise<void>
  readonly transfer: (id: RunId) => Promise<void>
}

/** Answers what a window asks about runs of any kind. */
export function serveRuns(store: RunStore, stop: Stoppers): Pick<Handlers<ServiceContract>, RunMethods> {
  async function found(id: RunId): Promise<Run> {
    const run = await store.get(id)
    if (!run) throw failed('not-found', `There is no run ${id}.`)
    return run
  }

  return {
    'run.get': ({ id }) => found(id),
    async 'run.cancel'({ id }) {
      const run = await found(id)
      if (isFinal(run.state)) return run
      await stop[run.kind](id)
      return found(id)
    },
    'runs.list': (page) => store.list(page),
    'runs.watch'(_params, context) {
      const latest = new Map<RunId, Run>()
      return emitLatest(
        context,
        () => {
          const runs = [...latest.values()]
          latest.clear()
          return runs
        },
        (changed) =>
          store.watch((run) => {
            latest.set(run.id, run)
            changed()
          }),
      )
    },
  }
}
