/** How often a process may end within the span before the person is asked; a third end is no accident. */
const MAX_RESTARTS = 3
/** The span, in milliseconds of a clock that never jumps. */
const RESTART_SPAN_MS = 5 * 60_000

/** What to do about a process that has ended, and the ends to remember. */
export interface RestartDecision {
  readonly restart: boolean
  /** Ends within the span, in milliseconds of a monotonic clock. */
  readonly ends: readonly number[]
}

/**
 * Decides whether a process that just ended is started again.
 * @param ends earlier ends, as the last decision returned them.
 * @param now a monotonic clock's time in milliseconds.
 */
export function decideRestart(ends: readonly number[], now: number): RestartDecision {
  const recent = [...ends.filter((end) => now - end < RESTART_SPAN_MS), now]
  return { restart: recent.length < MAX_RESTARTS, ends: recent }
}
