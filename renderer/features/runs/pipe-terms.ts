import type { Timing } from '#contract/schedule.ts'
import type { AskedTerms } from '#contract/terms.ts'
import type { PipeDraft } from './pipe-draft.ts'

/**
 * On which terms a pipe starts: its first command waits for everything, and the others start with it. A query at its beginning
 * starts at once, so that there is only a place to be named for the others.
 * @returns what cannot be asked of a pipe, in place of them.
 */
export function pipeTerms(
  { before }: PipeDraft,
  terms: AskedTerms,
  timing: Timing | undefined,
): AskedTerms | 'pipes.noSchedule' | 'pipes.noRetries' | 'pipes.startsAtOnce' {
  if (timing) return 'pipes.noSchedule'
  if (terms.retries) return 'pipes.noRetries'
  if (before !== 'query') return terms
  const { pool, priority, after = [], locks = [], held = false, ...rest } = terms
  const isPlain = after.length === 0 && locks.length === 0 && !held
  const waits = Object.values(rest).some((value) => value !== undefined)
  return isPlain && !waits ? { pool, priority } : 'pipes.startsAtOnce'
}
