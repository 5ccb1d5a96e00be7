import type { LeavingChoice, Settings } from '#contract/settings.ts'

/** Somebody closes a window, or quits. */
export interface WishToLeave {
  readonly quitting: boolean
  /** Offloop goes on without this window: there is another one, or it was started to stay. */
  readonly staysAnyway: boolean
  /** Runs that have not ended. */
  readonly alive: number
  readonly setting: Settings['leaving']
  /** What the person has answered already. */
  readonly settled: LeavingChoice | undefined
}

/** What is done about it. */
export type Leaving =
  /** Nothing is lost by going. */
  | { readonly kind: 'go' }
  | { readonly kind: 'ask' }
  | { readonly kind: 'take'; readonly choice: LeavingChoice }

/** Decides whether the person is to be asked what becomes of the runs. */
export function decideLeaving({ quitting, staysAnyway, alive, setting, settled }: WishToLeave): Leaving {
  if (settled !== undefined || alive === 0) return { kind: 'go' }
  if (!quitting && staysAnyway) return { kind: 'go' }
  // Whoever has chosen the background for closed windows could otherwise never quit.
  const asks = setting === 'ask' || (quitting && setting === 'background')
  return asks ? { kind: 'ask' } : { kind: 'take', choice: setting }
}
