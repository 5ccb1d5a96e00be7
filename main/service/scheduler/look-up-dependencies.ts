import { isFinal, type RunId } from '#contract/run.ts'
import type { Dependency } from '#contract/terms.ts'
import { failed } from '#kit/request-failed.ts'
import type { RunStore } from '../runs/run-store.ts'
import type { KnownDependency } from './events.ts'

/** Finds out how the runs stand that another is to come after, of whatever kind they are. */
export function lookUpDependencies(store: RunStore) {
  /** As they are now. @throws RequestFailed `not-found` */
  async function look(after: readonly Dependency[]): Promise<KnownDependency[]> {
    return Promise.all(
      after.map(async (dependency) => {
        const run = await store.get(dependency.run)
        if (!run)
          throw failed('not-found', `There is no run ${dependency.run} to come after. Nothing was added.`)
        return { ...dependency, done: isFinal(run.state) ? run.state.kind === 'done' : undefined }
      }),
    )
  }

  return {
    look,

    /** Without those that were deleted while nobody was there to refuse it. */
    async stillThere(after: readonly Dependency[]): Promise<Dependency[]> {
      const found = await Promise.all(after.map(({ run }) => store.get(run)))
      return after.filter((_, index) => found[index] !== undefined)
    },

    /** Does something that takes time, and tells it at any moment how they stand by then. */
    async follow<T>(
      after: readonly Dependency[],
      use: (latest: () => KnownDependency[]) => Promise<T>,
    ): Promise<T> {
      const ended = new Map<RunId, boolean>()
      const stop = store.watch((run) => {
        if (isFinal(run.state)) ended.set(run.id, run.state.kind === 'done')
      })
      try {
        const before = await look(after)
        return await use(() => before.map((one) => ({ ...one, done: one.done ?? ended.get(one.run) })))
      } finally {
        stop()
      }
    },
  }
}
