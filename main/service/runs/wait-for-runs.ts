import { isFinal, type Run, type RunId } from '#contract/run.ts'
import { failed } from '#kit/request-failed.ts'
import type { RunStore } from './run-store.ts'

/** For what is waited. */
export interface Selection {
  readonly ids: readonly RunId[]
  readonly until: 'all' | 'first' | 'first-failure'
  /** Milliseconds after which the wait is over in any case. */
  readonly deadlineMs?: number | undefined
}

/** The longest that a timer of Node takes, in milliseconds: 24 days. */
const LONGEST_MS = 2 ** 31 - 1

/**
 * Waits for runs; what has not ended when the wait is over goes on.
 * @throws RequestFailed `not-found`, or the signal's reason.
 */
export async function waitForRuns(
  store: RunStore,
  { ids, until, deadlineMs }: Selection,
  signal: AbortSignal,
): Promise<{ finished: Run[]; unfinished: Run[] }> {
  const wanted = new Set(ids)
  const latest = new Map<RunId, Run>()
  let left = wanted.size
  let isFailure = false
  const over = Promise.withResolvers<undefined>()
  // It may be aborted while the runs are still being looked up, when nobody waits for it yet.
  over.promise.catch(() => undefined)

  function look(run: Run): void {
    const before = latest.get(run.id)
    latest.set(run.id, run)
    if (!isFinal(run.state) || (before && isFinal(before.state))) return
    left -= 1
    isFailure ||= run.state.kind !== 'done'
    if (left === 0 || until === 'first' || (until === 'first-failure' && isFailure)) over.resolve(undefined)
  }
  // From here on before the first look, so that no end falls between.
  const stopWatching = store.watch((run) => {
    if (wanted.has(run.id)) look(run)
  })
  const onAbort = (): void => over.reject(signal.reason as Error)
  let timer: NodeJS.Timeout | undefined
  try {
    signal.throwIfAborted()
    signal.addEventListener('abort', onAbort, { once: true })
    for (const id of wanted) {
      const run = await store.get(id)
      if (!run) throw failed('not-found', `There is no run ${id} to wait for.`)
      if (!latest.has(id)) look(run)
    }
    if (deadlineMs !== undefined)
      timer = setTimeout(() => over.resolve(undefined), Math.min(deadlineMs, LONGEST_MS))
    await over.promise
  } finally {
    clearTimeout(timer)
    stopWatching()
    signal.removeEventListener('abort', onAbort)
  }
  const inOrder = [...wanted].flatMap((id) => latest.get(id) ?? [])
  return {
    finished: inOrder.filter(({ state }) => isFinal(state)),
    unfinished: inOrder.filter(({ state }) => !isFinal(state)),
  }
}
