import type { AskedTerms, RunTerms } from '#contract/terms.ts'

/** Leaves out what an asker has left undefined. */
export function given(terms: AskedTerms | undefined): Partial<RunTerms> {
  return Object.fromEntries(Object.entries(terms ?? {}).filter(([, value]) => value !== undefined))
}
