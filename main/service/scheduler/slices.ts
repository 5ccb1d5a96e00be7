import { setImmediate as nextTurn } from 'node:timers/promises'

/** How long work on thousands keeps the loop at a time, in milliseconds: others are answered between. */
const SLICE_MS = 4

/** Makes what lets others have their turn once a slice of time is over. */
export function slices(): () => Promise<void> {
  let from = performance.now()
  return async () => {
    if (performance.now() - from < SLICE_MS) return
    await nextTurn()
    from = performance.now()
  }
}
