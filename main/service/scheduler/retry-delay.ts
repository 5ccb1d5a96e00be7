import type { RunState } from '#contract/run.ts'
import type { RunTerms } from '#contract/terms.ts'

/** Whether an attempt that ended like this is followed by another. */
export function isRetried(state: RunState, terms: RunTerms, attempt: number): boolean {
  const { retries, firstAttempt } = terms
  if (!retries || attempt - firstAttempt >= retries.count) return false
  const counts: readonly RunState['kind'][] = retries.on
  if (!counts.includes(state.kind)) return false
  if (state.kind !== 'failed' || !retries.exitCodes) return true
  return state.cause.kind === 'exit' && retries.exitCodes.includes(state.cause.exitCode)
}

/**
 * How long to wait before the attempt after this one, in milliseconds.
 * @param chance between 0 and 1: how much of the part that is left to chance is taken off.
 */
export function retryDelay(terms: RunTerms, attempt: number, chance: number): number {
  const { retries, firstAttempt } = terms
  if (!retries) return 0
  const grown = retries.delayMs * retries.backoff ** (attempt - firstAttempt)
  return Math.round(Math.min(grown, retries.maxDelayMs) * (1 - retries.jitter * chance))
}
