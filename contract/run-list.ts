import { z } from 'zod'
import { bytes } from './bytes.ts'
import { call } from './channel.ts'
import { run, runId, type RunState } from './run.ts'
import { schedulingName } from './terms.ts'

/** The most runs that one search finds: 800 kB of numbers. Whoever has more narrows the search. */
export const MAX_FOUND_RUNS = 100_000
/** The most runs that one page has: a few screens. */
export const MAX_RUNS_PER_PAGE = 200
/** The most code units that a page has of a statement or a command; the run itself has the rest. */
export const MAX_LISTED_TEXT = 1_000
/** A longer text is looked for with SQL. */
const MAX_SOUGHT_TEXT = 1_000
/** The most commands of which one answer tells what they use just now: more than any screen has lines. */
const MAX_GLANCES = 200

const STATE_KINDS = [
  'queued',
  'running',
  'paused',
  'done',
  'failed',
  'failed-to-spawn',
  'cancelled',
  'killed',
  'timed-out',
  'dependency-failed',
  'interrupted',
  'lost',
] as const satisfies readonly RunState['kind'][]

/** The name of a state alone. */
export const stateKind = z.enum(STATE_KINDS)

/** Which runs are looked for; what is not given is not asked about. */
export const runFilter = z.object({
  states: z.array(stateKind).optional(),
  kind: z.enum(['query', 'command', 'transfer']).optional(),
  pool: schedulingName.optional(),
  /** Words that are all in what the run runs, whatever their case. */
  text: z.string().max(MAX_SOUGHT_TEXT).optional(),
})
export type RunFilter = z.infer<typeof runFilter>

/** In which order; of runs that are equal the newest is first. */
export const runOrder = z.object({
  by: z.enum(['id', 'state', 'text', 'pool', 'priority', 'started', 'duration']),
  descending: z.boolean(),
})
export type RunOrder = z.infer<typeof runOrder>

/** What the service answers about lists of runs that may be long. */
export const serviceRunList = {
  /**
   * The numbers of all runs that fit, in order, as the disk has them: packed as 64-bit floating point numbers, the lowest
   * byte first. At most MAX_FOUND_RUNS; `more` says that there are others. Looks at a result are no runs in this sense.
   */
  'runs.find': call(
    z.object({ filter: runFilter, order: runOrder }),
    z.object({ ids: bytes, more: z.boolean() }),
  ),
  /** Runs by their numbers, in that order, long texts cut to MAX_LISTED_TEXT. One that is not there any more is left out. */
  'runs.page': call(
    z.object({ ids: z.array(runId).max(MAX_RUNS_PER_PAGE) }),
    z.object({ runs: z.array(run) }),
  ),
  /** What running commands have used in the last minute, the latest last: cores kept busy, and bytes of memory. */
  'usage.glance': call(
    z.object({ ids: z.array(runId).max(MAX_GLANCES) }),
    z.object({
      runs: z.array(z.object({ id: runId, cores: z.array(z.number()), memoryBytes: z.array(z.number()) })),
    }),
  ),
}
