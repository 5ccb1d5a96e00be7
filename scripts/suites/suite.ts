/** What every suite is given to run with. */
export type SuiteContext = {
  root: string
  signal: AbortSignal
  /** Arguments that the person added, for the tool behind the suite. */
  extra: readonly string[]
  /** The file that a reporter writes its SuiteReport to. */
  reportFile: string
  /**
   * Gets Electron and a display ready, once for all suites, and gives the variables that lead to them.
   * Rejects with a SetupFailure when that is not possible here.
   */
  electron: () => Promise<Record<string, string>>
}

/** One line of the test command's table. */
export type Suite = {
  /** What a person types after `npm test --`. */
  name: string
  /** What it checks, for the list of suites. */
  about: string
  /** Files without which it would check nothing, relative to the checkout. */
  requires: readonly string[]
  /** It makes nothing that another suite uses and needs no processor to itself, so that it may run beside others of its kind. */
  readonly beside?: true
  /** After how many minutes it is stopped and has failed: several times what it takes on two slow cores. */
  limitMinutes: number
  /** How it counts: as one check that passes or not, or test by test as its reporter says. */
  counts: 'once' | 'by-report'
  /** @returns the exit code of the tool, which writes to the terminal */
  run: (context: SuiteContext) => Promise<number>
}
