import type { RunId, WaitingReason } from '#contract/run.ts'
import type { RunStore } from '../runs/run-store.ts'

/** Tells why a run waits, and again whenever that has changed. @returns what ends that. */
export function tellWaiting(
  store: Pick<RunStore, 'watch'>,
  id: RunId,
  tell: (reasons: WaitingReason[]) => void,
): () => void {
  let told = ''
  return store.watch((run) => {
    if (run.id !== id || run.state.kind !== 'queued') return
    const { reasons } = run.state
    const text = JSON.stringify(reasons)
    // A start that is under way is over sooner than it is read.
    if (text === told || reasons.every(({ kind }) => kind === 'starting')) return
    told = text
    tell(reasons)
  })
}
