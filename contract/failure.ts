import { z } from 'zod'

/** What went wrong, as a word that code may switch on. The list is closed: adding one is a change of the contract. */
export const failureCodes = [
  'cancelled',
  'deadline',
  'invalid-params',
  'not-found',
  'database',
  'spawn',
  'queue-full',
  'disk-full',
  'host-lost',
  'internal',
] as const

export const failureCode = z.enum(failureCodes)
export type FailureCode = z.infer<typeof failureCode>

/**
 * A failure as it crosses a process boundary: a code for programs, a message for people (what happened, to what, and
 * what to do now), and details that only some codes have.
 */
export const failure = z.object({
  code: failureCode,
  message: z.string(),
  details: z
    .object({
      /** The engine's own code, such as `SQLITE_BUSY`, or the system's, such as `ENOENT`. */
      engineCode: z.string().optional(),
      /** Where in the SQL text the error is, as an offset in UTF-16 code units from its start. */
      position: z.number().int().nonnegative().optional(),
    })
    .optional(),
})
export type Failure = z.infer<typeof failure>
