import { z } from 'zod'

/** What went wrong, as a word that code may switch on. The list is closed: adding one is a change of the contract. */
export const failureCodes = [
  'cancelled',
  'deadline',
  'invalid-params',
  'not-found',
  'database',
  /** Data is no longer as the asker has read it; nothing was changed. */
  'conflict',
  'spawn',
  'queue-full',
  'disk-full',
  'host-lost',
  'internal',
] as const

/** Why one of several staged edits stands in the way of all. */
export const editTrouble = z.enum([
  /** Another connection has changed the row since it was read, */
  'changed',
  /** or deleted it, or changed its key. */
  'gone',
  /** More than one row has this key and these values. */
  'ambiguous',
  /** An edit before it, a trigger or a foreign key has changed its row, or has prevented the edit. */
  'changed-by-edits',
  /** The engine, or the form of the table, does not allow it. */
  'refused',
])
export type EditTrouble = z.infer<typeof editTrouble>

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
      /** Of staged edits: which ones, by their place from 0. */
      edits: z.array(z.object({ edit: z.number().int().nonnegative(), trouble: editTrouble })).optional(),
    })
    .optional(),
})
export type Failure = z.infer<typeof failure>
