import { MAX_NAMED_RUNS, type Work } from '#contract/desktop.ts'
import { runFraction } from '#contract/outlook.ts'
import { isFinal, isLook, type Run, type RunId } from '#contract/run.ts'
import { runText } from '#contract/run-text.ts'

/** Knows what is at work, from hearing of every run that changes. */
export interface WorkTrack {
  /** @returns what that changed of what `work` says: how many runs there are, only how far they are, or nothing. */
  note(run: Run): 'counts' | 'progress' | 'nothing'
  /** @param now milliseconds since 1970. */
  work(now: number): Work
}

/** Starts with nothing at work. A change costs the same whatever waits: ten thousand runs are counted, not looked at. */
export function trackWork(): WorkTrack {
  const waiting = new Set<RunId>()
  const going = new Map<RunId, Run>()

  return {
    note(run) {
      const { id, state } = run
      const wasWaiting = waiting.delete(id)
      const wasGoing = going.delete(id)
      if (isLook(run) || isFinal(state)) return wasWaiting || wasGoing ? 'counts' : 'nothing'
      if (state.kind === 'queued') {
        waiting.add(id)
        return wasWaiting ? 'nothing' : 'counts'
      }
      going.set(id, run)
      return wasGoing ? 'progress' : 'counts'
    },

    work(now) {
      const runs = [...going.values()].sort((a, b) => a.id - b.id)
      const fractions = runs.flatMap((run) => runFraction(run, now) ?? [])
      const commands = runs.filter(({ kind }) => kind === 'command').length
      return {
        commands,
        others: runs.length - commands,
        waiting: waiting.size,
        fraction:
          fractions.length === 0 ? null : fractions.reduce((sum, each) => sum + each, 0) / fractions.length,
        runs: runs.slice(0, MAX_NAMED_RUNS).map((run) => ({
          id: run.id,
          text: runText(run.spec),
          fraction: runFraction(run, now) ?? null,
        })),
      }
    },
  }
}
