import { z } from 'zod'
import { call, type Contract } from './channel.ts'
import { failure } from './failure.ts'

/** A whole copy of the app's own database, as a person chooses one. */
export const keptBackup = z.object({
  /** Of its file. */
  name: z.string(),
  /** When it was made: milliseconds since 1970. */
  at: z.number().int(),
  bytes: z.number().int().nonnegative(),
  /** How many runs are in it; null where it cannot be read, and so cannot be put back. */
  runs: z.number().int().nonnegative().nullable(),
})
export type KeptBackup = z.infer<typeof keptBackup>

/** What was done to have a database again. */
export const replaced = z.object({
  /** Absolute path of the damaged file, which is kept under another name. */
  kept: z.string(),
  /** Runs that wait in the backup, and are held until somebody lets them go. */
  held: z.number().int().nonnegative(),
  /** Commands started after the backup, whose output and end were found. */
  found: z.number().int().nonnegative(),
  /** Schedules that were turned off. */
  schedules: z.number().int().nonnegative(),
})
export type Replaced = z.infer<typeof replaced>

/** The app's own database, when it is damaged: the two methods that are answered then. */
export const serviceRecovery = {
  /** Why everything is refused, or null while all is well; and the backups, the newest first. */
  'recovery.describe': call(
    z.object({}),
    z.object({
      failure: failure.nullable(),
      /** Whether it is damage, so that a backup can take its place. */
      damaged: z.boolean(),
      /** Absolute path of their folder. */
      folder: z.string(),
      backups: z.array(keptBackup),
    }),
  ),
  /**
   * Puts a backup in the place of a damaged database, or an empty one (null), and starts the service again. The damaged file
   * is kept. Nothing starts by itself afterwards: what waits is held, schedules are off. Fails with `not-found` when there is
   * no such backup, `database` when it is damaged as well, `disk-full`, and `invalid-params` while the database is in order.
   */
  'recovery.replace': call(z.object({ backup: z.string().min(1).nullable() }), replaced),
} satisfies Contract
