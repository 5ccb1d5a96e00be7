import { isFinal, type Run } from '#contract/run.ts'
import { RequestFailed } from '#kit/request-failed.ts'
import { copyOutput, type CopyOptions } from './copy-output.ts'

/** What of a run's present attempt is written, from which byte on, and whither. */
export interface FollowOptions extends Omit<CopyOptions, 'attempt'> {
  /** Told when another attempt begins. */
  readonly onAttempt?: (number: number) => void
}

/**
 * Writes what a run writes, as soon as it does, byte for byte, with that of further attempts; through to its end.
 * @returns the run as it ended.
 */
export async function followOutput({ onAttempt, from, ...what }: FollowOptions): Promise<Run> {
  const { client, id, part, signal } = what
  let attempt: number | undefined
  let at = from

  async function copy(): Promise<void> {
    if (attempt === undefined) return
    at = await copyOutput({ ...what, attempt, from: at })
  }
  async function enter(number: number): Promise<void> {
    if (attempt === number) return
    await copy()
    if (attempt !== undefined) {
      at = 0
      onAttempt?.(number)
    }
    attempt = number
  }
  /** While somebody watches an output the service looks at it more often. */
  async function live(): Promise<void> {
    const watching = client.stream('output.watch', { id, part }, { signal })
    watching.result.catch(() => undefined)
    try {
      for await (const { bytes } of watching) if (bytes > at) await copy()
    } catch (error) {
      // The attempt is over, or another one is about to start: the state of the run says what to do.
      if (!(error instanceof RequestFailed) || error.code !== 'not-found') throw error
    }
  }

  const watching = client.stream('run.watch', { id }, { signal })
  watching.result.catch(() => undefined)
  for await (const run of watching) {
    if (run.kind === 'command') await enter(run.attempt)
    if (run.state.kind === 'running' && !run.state.stopping) await live()
    await copy()
  }
  const ended = await watching.result
  if (ended.kind === 'command') await enter(ended.attempt)
  if (isFinal(ended.state)) await copy()
  return ended
}
