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

/** What main asks of the service, for what it shows of the work outside the window. */
export const serviceDesktop = {
  /** What is at work, and what main must know of the settings: now, and when something of it has changed. */
  'desktop.watch': stream(
    z.object({}),
    z.object({ work, settings: settings.pick({ language: true, leaving: true }) }),
    z.object({}),
  ),
  /**
   * Starts nothing any more, and stops what runs; answered when all of that has really ended. Commands that wait are kept
   * for the next start.
   */
  'work.stop': call(z.object({}), z.object({})),
  'settings.write': call(settings.partial(), settings),
} satisfies Contract
export type DesktopContract = typeof serviceDesktop
