import type { Run } from '#contract/run.ts'
import { formatCount } from '../ui/format/number.ts'
import { tCount } from './words.ts'

/** How many runs are at work and how many wait, such as "2 running · 3 waiting"; empty for none. */
export function liveRunsWords(runs: Iterable<Run>): string {
  let waiting = 0
  let running = 0
  for (const { state } of runs) {
    if (state.kind === 'queued') waiting += 1
    else running += 1
  }
  return [
    ...(running > 0 ? [tCount('status.liveRuns', running, formatCount(running))] : []),
    ...(waiting > 0 ? [tCount('status.waitingRuns', waiting, formatCount(waiting))] : []),
  ].join(' · ')
}
