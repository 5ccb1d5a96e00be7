import { setImmediate as nextTurn } from 'node:timers/promises'
import type { WaitingReason } from '#contract/run.ts'
import type { RunStore } from '../runs/run-store.ts'
import { reasonsOf } from './reasons.ts'
import type { SchedulerState } from './state.ts'

/** How long changes are collected, in milliseconds: whoever looks at a list reads no faster. */
const COLLECT_MS = 500
/** How many runs are looked at in one turn of the loop: about a millisecond. */
const RUNS_PER_TURN = 500

/** Keeps those who watch up to date about why runs wait. Whoever asks for a run is answered at once, without this. */
export function tellReasons(
  state: SchedulerState,
  store: RunStore,
  onTrouble: (message: string, cause: unknown) => void,
) {
  const told = new Map<number, string>()
  let timer: NodeJS.Timeout | undefined
  let closed = false

  async function lookThrough(): Promise<void> {
    let looked = 0
    for (const id of told.keys()) if (!state.entries.has(id)) told.delete(id)
    for (const { id, phase } of state.entries.values()) {
      if (phase.kind === 'waiting') tell(id)
      looked += 1
      if (looked % RUNS_PER_TURN === 0) await nextTurn()
      if (closed) return
    }
  }

  function tell(id: number): void {
    const reasons = reasonsOf(state, id)
    if (!reasons) return
    const text = JSON.stringify(reasons)
    if (told.get(id) === text) return
    told.set(id, text)
    store.explain(id, reasons)
  }

  return {
    /** Tells of one run now. */
    tell,
    /** Something has changed that others may wait for. */
    changed(): void {
      if (closed) return
      timer ??= setTimeout(() => {
        lookThrough()
          .catch((error: unknown) => onTrouble('The reasons of waiting runs could not be told.', error))
          .finally(() => (timer = undefined))
      }, COLLECT_MS)
      timer.unref()
    },
    /** As they are now. */
    of: (id: number): WaitingReason[] | undefined => reasonsOf(state, id),
    close(): void {
      closed = true
      clearTimeout(timer)
    },
  }
}
