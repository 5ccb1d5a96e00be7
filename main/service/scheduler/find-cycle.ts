import type { RunId } from '#contract/run.ts'
import { failed } from '#kit/request-failed.ts'
import type { KnownDependency } from './events.ts'
import type { SchedulerState } from './state.ts'

/**
 * Refuses that a run comes after one which itself waits for it.
 * @throws RequestFailed `invalid-params` with the way around.
 */
export function refuseCycle(state: SchedulerState, id: RunId, after: readonly KnownDependency[]): void {
  /** From where each run was reached. */
  const cameFrom = new Map<RunId, RunId>()
  const toLookAt: RunId[] = []
  function reach(run: RunId, from: RunId): void {
    if (cameFrom.has(run)) return
    cameFrom.set(run, from)
    toLookAt.push(run)
  }

  for (const { run } of after) reach(run, id)
  for (let run = toLookAt.pop(); run !== undefined; run = toLookAt.pop()) {
    if (run === id) {
      throw failed(
        'invalid-params',
        `Run ${id} cannot come after itself (${way(cameFrom, id)}). Nothing was changed.`,
      )
    }
    const entry = state.entries.get(run)
    for (const next of [...(entry?.unmet.keys() ?? []), ...(entry?.broken.keys() ?? [])]) reach(next, run)
  }
}

function way(cameFrom: ReadonlyMap<RunId, RunId>, id: RunId): string {
  const steps = [id]
  for (let run = cameFrom.get(id); run !== undefined && run !== id; run = cameFrom.get(run)) steps.push(run)
  return [id, ...steps.slice(1).reverse(), id].join(' after ')
}
