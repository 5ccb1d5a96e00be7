import { z } from 'zod'
import { call } from './channel.ts'
import { runId } from './run-id.ts'
import { stateKind } from './run-list.ts'

/** More bars than this are not told apart on any screen; then their sums are told. */
export const MAX_BARS = 2_000
/** In how many stretches the time is divided for sums: about one for each three pixels. */
export const TIMELINE_STRETCHES = 300

const instant = z.number()
/** Commands have pools; queries and transfers stand in lanes of their own. */
const lane = z.string()

/** One attempt at a run: from when to when it ran, as far as that lies in the time that was asked for. */
export const timelineBar = z.object({
  run: runId,
  lane,
  /** The run's own state; of an earlier attempt, how that ended. */
  state: stateKind,
  from: instant,
  to: instant,
})
export type TimelineBar = z.infer<typeof timelineBar>

/** Who ran when, in milliseconds since 1970. */
export const timelinePicture = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('bars'), bars: z.array(timelineBar) }),
  z.object({
    kind: z.literal('sums'),
    runs: z.number().int(),
    lanes: z.array(
      z.object({
        lane,
        /** For each stretch how many ran at once, on average. */
        running: z.array(z.number()),
        /** And how many did not end well. */
        failed: z.array(z.number().int()),
      }),
    ),
  }),
])
export type TimelinePicture = z.infer<typeof timelinePicture>

/** What the service answers about who ran when. */
export const serviceTimeline = {
  /** At most MAX_BARS bars, or sums over TIMELINE_STRETCHES equal stretches. */
  'runs.timeline': call(z.object({ from: instant, to: instant }), timelinePicture),
}
