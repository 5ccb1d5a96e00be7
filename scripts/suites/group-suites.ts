import type { Suite } from './suite.ts'

/** Puts suites that follow each other and may run beside others into one group, and each other suite into its own. */
export function groupSuites(suites: readonly Suite[]): Suite[][] {
  const groups: Suite[][] = []
  for (const suite of suites) {
    const last = groups.at(-1)
    if (suite.beside && last?.[0]?.beside) last.push(suite)
    else groups.push([suite])
  }
  return groups
}
