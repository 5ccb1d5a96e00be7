import { z } from 'zod'

/** Of a request to a query host that may be stopped inside a statement, by an interrupt that names it. */
export const stoppable = z.object({
  /** 64 random bits in hexadecimal. */
  stopToken: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .optional(),
})
