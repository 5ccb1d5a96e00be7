import { shallowRef, triggerRef } from 'vue'
import { isFinal, isLook, type Run, type RunId } from '#contract/run.ts'
import { atMostEvery } from '../pacing/at-most-every.ts'
import { follow } from './follow.ts'
import { serviceSession } from './sessions.ts'

/** Newest runs looked through for unfinished ones when a session begins. */
const LOOKED_THROUGH = 500
/**
 * Least time between two drawings of what runs (milliseconds): nobody reads faster, and at every frame the drawing would take
 * more of the processor than hundreds of short commands themselves.
 */
const SHOWN_EVERY_MS = 100

/** Every run that is not final, by id; but for those that only look at a result, which is where they are shown. */
export const liveRuns = shallowRef<Map<RunId, Run>>(new Map())

const listeners = new Set<(runs: readonly Run[]) => void>()
const shown = atMostEvery(SHOWN_EVERY_MS, () => triggerRef(liveRuns))

/** Calls back with runs whenever they change, at the rate of the service. @returns ends it. */
export function onRunsChanged(listener: (runs: readonly Run[]) => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Starts keeping `liveRuns` up to date, for as long as the page lives. */
export function followLiveRuns(): void {
  follow(serviceSession, {
    open(client, signal) {
      // Watching begins before listing, so that a change between the two is not missed.
      const watching = client.stream('runs.watch', {}, { signal })
      client
        .call('runs.list', { limit: LOOKED_THROUGH }, { signal })
        .then(({ runs }) => {
          liveRuns.value = new Map()
          take(runs)
        })
        // The session has ended; the next one lists again.
        .catch(() => undefined)
      return watching
    },
    onItem: take,
  })
}

function take(runs: readonly Run[]): void {
  for (const run of runs) {
    if (isFinal(run.state) || isLook(run)) liveRuns.value.delete(run.id)
    else liveRuns.value.set(run.id, run)
  }
  for (const listener of listeners) listener(runs)
  shown.request()
}
