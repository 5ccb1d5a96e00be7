import { z } from 'zod'
import { call, stream, type Contract } from './channel.ts'
import { runId } from './run-id.ts'
import { settings } from './settings.ts'

/** The most runs that are named outside the window, as in the menu of the tray; of more, the oldest. */
export const MAX_NAMED_RUNS = 8

const index = z.number().int().nonnegative()

/** What is at work at this moment. */
export const work = z.object({
  /** Commands that run or are paused: they outlive Offloop. */
  commands: index,
  /** Queries and transfers that run: they end with Offloop. */
  others: index,
  /** Runs that have not started. */
  waiting: index,
  /** How much is done of what runs, from 0 to 1: the mean of those that say so; null when none does. */
  fraction: z.number().min(0).max(1).nullable(),
  runs: z
    .array(
      z.object({
        id: runId,
        /** What it runs, in one line. Others have written it: it is shown as text. */
        text: z.string(),
        fraction: z.number().min(0).max(1).nullable(),
      }),
    )
    .max(MAX_NAMED_RUNS),
})
export type Work = z.infer<typeof work>

/** Nothing is at work. */
export const NO_WORK: Work = { commands: 0, others: 0, waiting: 0, fraction: null, runs: [] }

/** How many runs have not ended. */
export function countAlive({ commands, others, waiting }: Work): number {
  return commands + others + waiting
}

/** The most code units that are shown of what a run runs, or asks. */
export const MAX_TOLD_TEXT = 120

const told = z.string().max(MAX_TOLD_TEXT)
const milliseconds = z.number().nonnegative()

/** What is told outside the window. Texts are others', made harmless: without control characters, and cut. */
export const notification = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('done'), run: runId, text: told, tookMs: milliseconds }),
  z.object({
    kind: z.literal('failed'),
    run: runId,
    text: told,
    tookMs: milliseconds.nullable(),
    exitCode: z.number().int().nullable(),
  }),
  z.object({ kind: z.literal('asks'), run: runId, text: told, prompt: told }),
  z.object({ kind: z.literal('quiet'), run: runId, text: told, quietMs: milliseconds }),
  /** All runs of a batch have ended. */
  z.object({ kind: z.literal('batch'), run: runId, done: index, notDone: index }),
  /** More has ended at once than is told one by one. */
  z.object({ kind: z.literal('more'), done: index, notDone: index, others: index }),
])
export type Notification = z.infer<typeof notification>

/** What main asks of the service, for what it shows of the work outside the window. */
export const serviceDesktop = {
  /** What is at work, and what main must know of the settings: now, and when something of it has changed. */
  'desktop.watch': stream(
    z.object({}),
    z.object({
      work,
      /** Nothing starts, because every pool is paused. */
      paused: z.boolean(),
      settings: settings.pick({ language: true, leaving: true, keys: true }),
    }),
    z.object({}),
  ),
  /** What is to be told outside the window, as it happens. */
  'desktop.notifications': stream(z.object({}), notification, z.object({})),
  /** Whether a window of Offloop has the focus: what happens is then seen there. */
  'desktop.focus': call(z.object({ focused: z.boolean() }), z.object({})),
  /**
   * Starts nothing any more, and stops what runs; answered when all of that has really ended. Commands that wait are kept
   * for the next start.
   */
  'work.stop': call(z.object({}), z.object({})),
  /** Pauses every pool, or lets all go on. What runs goes on either way. */
  'pools.change': call(z.object({ how: z.enum(['pause', 'resume']) }), z.object({})),
  'settings.write': call(settings.partial(), settings),
} satisfies Contract
export type DesktopContract = typeof serviceDesktop
