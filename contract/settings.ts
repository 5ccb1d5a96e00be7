import { z } from 'zod'
import { chosenShortcuts } from './shortcut.ts'
import { MIN_LOG_BYTES } from './terms.ts'

/** More years than anybody keeps a result that can be had again by running its query. */
const MAX_AGE_DAYS = 3_650
/** A day; whoever is away for longer looks at the list. */
const MAX_SECONDS = 86_400
const MAX_MINUTES = 1_440
/** Less than this would throw away the result that was just made. */
const MIN_RESULT_BYTES = 100 * 1024 ** 2

/** What is told outside the window. */
export const notificationSettings = z.object({
  done: z.boolean(),
  failed: z.boolean(),
  /** A command waits for input. */
  asks: z.boolean(),
  /** A command has not written anything for longer than it may. */
  quiet: z.boolean(),
  /** The end of a run that took less is not told, in seconds. */
  minSeconds: z.number().int().min(0).max(MAX_SECONDS),
  /** Also while a window has the focus. */
  whenFocused: z.boolean(),
  /** After how long without output a command counts as quiet, in minutes; 0 for never. */
  quietAfterMinutes: z.number().int().min(0).max(MAX_MINUTES),
})
export type NotificationSettings = z.infer<typeof notificationSettings>

/** What becomes of runs when somebody leaves while they go on. */
export const leavingChoice = z.enum([
  /** Offloop stays, without a window. */
  'background',
  /** Offloop quits; commands outlive it. */
  'leave',
  /** They are stopped, then Offloop quits. */
  'stop',
])
export type LeavingChoice = z.infer<typeof leavingChoice>

export const settings = z.object({
  theme: z.enum(['system', 'light', 'dark']),
  language: z.enum(['system', 'en', 'zh-CN']),
  /** What happens when the window is closed, or Offloop quits, while something runs or waits. */
  leaving: z.enum(['ask', ...leavingChoice.options]),
  notifications: notificationSettings,
  /** How long the rows of queries are kept, and how many bytes of all of them; the oldest go first. */
  results: z.object({
    maxAgeDays: z.number().int().min(1).max(MAX_AGE_DAYS),
    maxBytes: z.number().int().min(MIN_RESULT_BYTES),
  }),
  /** How much of the output of each attempt at a command is kept. */
  logs: z.object({ limitBytes: z.number().int().min(MIN_LOG_BYTES) }),
  /** The shortcuts that differ from those that Offloop comes with. */
  keys: chosenShortcuts,
})
export type Settings = z.infer<typeof settings>

export const defaultSettings: Settings = {
  theme: 'system',
  language: 'system',
  leaving: 'ask',
  notifications: {
    done: true,
    failed: true,
    asks: true,
    quiet: true,
    // Whoever starts something that takes less waits for it.
    minSeconds: 30,
    whenFocused: false,
    // Long links and large files are quiet for minutes; whoever knows better says so for the run.
    quietAfterMinutes: 30,
  },
  // A month is as far as people look back, and 10 GB are missed on hardly any disk: a few hundred million rows.
  results: { maxAgeDays: 30, maxBytes: 10 * 1024 ** 3 },
  // More than anybody reads, and a single runaway command does not fill the disk.
  logs: { limitBytes: 4 * 1024 ** 3 },
  keys: {},
}
