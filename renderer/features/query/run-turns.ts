/** Gets statements ready. @returns what runs them; undefined where there is nothing to run, which the person was told. */
export type PrepareRun = () => Promise<(() => Promise<void>) | undefined>

export interface RunTurnsParts {
  /** Whether a statement is running now; what the tab does after its end is over in a moment. */
  readonly isRunning: () => boolean
  /** Tells the person that a statement is still running. */
  readonly refuse: () => void
}

/**
 * Lets runs that are asked for follow each other, so that none is lost: one that is asked for in the moment between the end of
 * a statement and what is asked about its connection runs right after that. Only one waits, because keys repeat.
 * @returns what asks for a run.
 */
export function makeRunTurns({ isRunning, refuse }: RunTurnsParts): (prepare: PrepareRun) => void {
  let stage: 'free' | 'preparing' | 'running' = 'free'
  let next: PrepareRun | undefined

  async function take(prepare: PrepareRun): Promise<void> {
    stage = 'preparing'
    try {
      const run = await prepare()
      stage = 'running'
      await run?.()
    } finally {
      stage = 'free'
      const after = next
      next = undefined
      if (after) void take(after)
    }
  }

  return (prepare) => {
    if (isRunning()) return refuse()
    switch (stage) {
      case 'free':
        return void take(prepare)
      case 'preparing':
        // It is the same text that is on its way already.
        return
      case 'running':
        next = prepare
        return
      default:
        stage satisfies never
    }
  }
}
