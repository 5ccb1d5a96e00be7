import { z } from 'zod'

/** Statements that are to be formatted. */
export const formatRequest = z.object({
  dialect: z.enum(['sqlite', 'postgres']),
  statements: z.array(z.string()),
})

/** Each in its place; null for one that stays as it is. */
export const formatAnswer = z.object({ statements: z.array(z.string().nullable()) })
