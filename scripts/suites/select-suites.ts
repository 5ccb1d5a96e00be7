import type { Suite } from './suite.ts'

export type Selection =
  | { kind: 'selected'; suites: readonly Suite[]; extra: readonly string[] }
  | { kind: 'refused'; message: string }

/**
 * Reads the arguments of the test command: names of suites, and for a single one what its tool shall be given.
 *
 * @param words such as `[]` for all, `['lint', 'types']`, or `['e2e', '--grep', 'cancel']`
 */
export function selectSuites(suites: readonly Suite[], words: readonly string[]): Selection {
  const named = (word: string): Suite | undefined => suites.find(({ name }) => name === word)
  const firstOther = words.findIndex((word) => named(word) === undefined)
  const names = firstOther === -1 ? words : words.slice(0, firstOther)
  const extra = firstOther === -1 ? [] : words.slice(firstOther)
  const selected = names.map(named).filter((suite) => suite !== undefined)

  if (extra.length > 0 && selected.length !== 1) {
    const list = suites.map(({ name, about }) => `  ${name.padEnd(NAME_WIDTH)}${about}`).join('\n')
    return {
      kind: 'refused',
      message: `"${extra.join(' ')}" is no suite. Run all with "npm test", or name some:\n${list}\nWhat follows the name of a single one goes to its tool: npm test -- e2e --grep cancel`,
    }
  }
  return { kind: 'selected', suites: selected.length === 0 ? suites : selected, extra }
}

/** Two columns wider than the longest name. */
const NAME_WIDTH = 12
