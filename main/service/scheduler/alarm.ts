import type { Now } from './dues.ts'

/** The longest that a timer of Node takes, in milliseconds. */
const LONGEST_MS = 2 ** 31 - 1
/**
 * While something is due by the wall clock, the longest that nobody looks at it, in milliseconds: a clock that was set, or
 * a machine that slept, tells nobody.
 */
const WALL_LOOK_MS = 30_000

/** The clocks of this machine. */
export function machineClock(): Now {
  return { wall: Date.now(), mono: performance.now() }
}

/** One timer for the next moment at which something is due. */
export interface Alarm {
  /** Sets it to the earlier of two moments; undefined is never. */
  set(next: { readonly wall: number | undefined; readonly mono: number | undefined }): void
  close(): void
}

/** Makes an alarm that is not set. @param ring is called at the moment, or before it: whoever is called looks at the clocks. */
export function createAlarm(clock: () => Now, ring: () => void): Alarm {
  let timer: NodeJS.Timeout | undefined
  return {
    set({ wall, mono }) {
      clearTimeout(timer)
      timer = undefined
      if (wall === undefined && mono === undefined) return
      const now = clock()
      const untilMono = mono === undefined ? LONGEST_MS : mono - now.mono
      const untilWall = wall === undefined ? LONGEST_MS : Math.min(wall - now.wall, WALL_LOOK_MS)
      timer = setTimeout(ring, Math.max(0, Math.min(Math.ceil(Math.min(untilMono, untilWall)), LONGEST_MS)))
    },
    close() {
      clearTimeout(timer)
    },
  }
}
