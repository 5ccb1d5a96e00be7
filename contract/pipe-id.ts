import { z } from 'zod'

/** Of one buffer between runs. Ids ascend and are never reused. */
export const pipeId = z.number().int().positive()
export type PipeId = z.infer<typeof pipeId>
