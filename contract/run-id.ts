import { z } from 'zod'

/** Ids ascend and are never reused, not even after the history was cleared. */
export const runId = z.number().int().positive()
export type RunId = z.infer<typeof runId>
