import { setTimeout as delay } from 'node:timers/promises'
import type { CancelHow } from '#contract/run.ts'
import { processTree, type ProcessTreeOptions } from './process-tree.ts'

/** What a command gets to end by itself, in milliseconds, unless the composition says otherwise. */
export const DEFAULT_GRACE_MS = 10_000

/** A survey of the processes costs 7 ms of the pool for a hundred of them: look often at first, when most have ended. */
const FIRST_LOOK_MS = 10
const LONGEST_LOOK_MS = 250

export interface StopOptions extends ProcessTreeOptions {
  readonly graceMs: number
  /** Aborted when somebody does not want to wait for the grace. */
  readonly hurry: AbortSignal
}

/**
 * Stops a command with all its descendants: lets halted ones go on, asks them to end, and after the grace, or in a hurry,
 * ends them. Resolves only when none is left.
 */
export async function stopCommand(options: StopOptions): Promise<CancelHow> {
  const { graceMs, hurry } = options
  const tree = processTree(options)

  const asked = await tree.survey()
  tree.send('SIGCONT', asked)
  tree.send('SIGTERM', asked)
  const graceEnd = performance.now() + graceMs
  for (let pause = FIRST_LOOK_MS; !hurry.aborted; pause = Math.min(pause * 2, LONGEST_LOOK_MS)) {
    if ((await tree.survey()).members.length === 0) return 'terminated'
    const left = graceEnd - performance.now()
    if (left <= 0) break
    await delay(Math.min(pause, left), undefined, { signal: hurry }).catch((error: unknown) => {
      if (!hurry.aborted) throw error
    })
  }
  for (let pause = FIRST_LOOK_MS; ; pause = Math.min(pause * 2, LONGEST_LOOK_MS)) {
    const remaining = await tree.survey()
    if (remaining.members.length === 0) return 'killed'
    tree.send('SIGKILL', remaining)
    await delay(pause)
  }
}
