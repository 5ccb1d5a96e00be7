import { z } from 'zod'
import { commandSpec } from './run.ts'
import { askedTerms } from './terms.ts'

/** More often than once a second is a loop, which is better written as one. */
const LEAST_EVERY_MS = 1_000
/** A year. */
const MOST_EVERY_MS = 31_622_400_000
const MAX_LINE_LENGTH = 200

/** When a schedule fires: after each interval, by a clock that never jumps, or by a line of crontab(5) and a zone's clocks. */
export const timing = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('every'),
    everyMs: z.number().int().min(LEAST_EVERY_MS).max(MOST_EVERY_MS),
  }),
  z.object({
    kind: z.literal('cron'),
    line: z.string().max(MAX_LINE_LENGTH),
    /** Such as Europe/Berlin. */
    zone: z.string().max(MAX_LINE_LENGTH),
  }),
])
export type Timing = z.infer<typeof timing>

/** What is run, on which terms, and when. */
export const scheduleContent = z.object({
  command: commandSpec,
  terms: askedTerms,
  timing,
  /** What becomes of occasions that were missed while Offloop or the machine was away: all of them are one run, or none. */
  missed: z.enum(['run-once', 'skip']),
})
export type ScheduleContent = z.infer<typeof scheduleContent>

export const schedule = scheduleContent.extend({
  id: z.number().int().positive(),
  /** Milliseconds since 1970; null when it does not fire any more. */
  nextAt: z.number().int().nullable(),
})
export type Schedule = z.infer<typeof schedule>
