import { z } from 'zod'

/** More years than anybody keeps a result that can be had again by running its query. */
const MAX_AGE_DAYS = 3_650
/** Less than this would throw away the result that was just made. */
const MIN_RESULT_BYTES = 100 * 1024 ** 2

export const settings = z.object({
  theme: z.enum(['system', 'light', 'dark']),
  language: z.enum(['system', 'en', 'zh-CN']),
  /** How long the rows of queries are kept, and how many bytes of all of them; the oldest go first. */
  results: z.object({
    maxAgeDays: z.number().int().min(1).max(MAX_AGE_DAYS),
    maxBytes: z.number().int().min(MIN_RESULT_BYTES),
  }),
})
export type Settings = z.infer<typeof settings>

export const defaultSettings: Settings = {
  theme: 'system',
  language: 'system',
  // A month is as far as people look back, and 10 GB are missed on hardly any disk: a few hundred million rows.
  results: { maxAgeDays: 30, maxBytes: 10 * 1024 ** 3 },
}
