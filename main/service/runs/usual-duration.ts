/** Few enough that work which has grown is noticed soon, enough that one slow afternoon does not count. */
export const RUNS_LOOKED_AT = 5

/** The median of how long runs took, in milliseconds; null of none. */
export function usualDuration(durations: readonly number[]): {
  readonly durationMs: number | null
  readonly basedOn: number
} {
  const sorted = [...durations].sort((a, b) => a - b)
  return { durationMs: sorted[Math.floor(sorted.length / 2)] ?? null, basedOn: sorted.length }
}
