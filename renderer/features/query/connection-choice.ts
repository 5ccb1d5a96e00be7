import type { Commits } from '#contract/statement.ts'

/** On which connection a tab runs its statements, in the order in which the menu has them. */
export const connectionChoices = ['shared', 'own', 'manual'] as const
export type ConnectionChoice = (typeof connectionChoices)[number]

/** Who begins transactions on the tab's own connection. */
export function commitsOf(choice: ConnectionChoice): Commits {
  return choice === 'manual' ? 'manual' : 'auto'
}
