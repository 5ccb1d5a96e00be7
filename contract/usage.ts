import { z } from 'zod'
import { call, stream } from './channel.ts'
import { runId } from './run.ts'

/** The most samples that one answer holds: more than a graph has pixels. */
export const MAX_USAGE_POINTS = 2_000

const count = z.number().nonnegative()

/** What a command and everything below it uses, at one moment. */
export const usageSample = z.object({
  /** Milliseconds since 1970, UTC. */
  at: z.number().int(),
  /** Cores kept busy since the sample before: 1.5 is one and a half of them. */
  cores: count,
  /** Resident in memory, summed over the processes; pages that they share count for each. */
  memoryBytes: count,
  /** Read from disks and written to them since the command began; null where the system does not tell. */
  readBytes: count.nullable(),
  writtenBytes: count.nullable(),
  processes: z.number().int().nonnegative(),
})
export type UsageSample = z.infer<typeof usageSample>

/** What the service answers about the processors, memory and disks that commands use. */
export const serviceUsage = {
  /**
   * What a command has used so far, from its beginning or end on at most so many points: means of the cores and the
   * greatest memory of each stretch. Empty for a run that ended before it could be sampled, and where nothing is known.
   */
  'usage.read': call(
    z.object({ id: runId, points: z.number().int().min(1).max(MAX_USAGE_POINTS) }),
    z.object({
      samples: z.array(usageSample),
      /** Milliseconds of processor time, all cores together. */
      processorMs: count,
      peakMemoryBytes: count,
    }),
  ),
  /** Each new sample of a command while it runs; ends when the command does. */
  'usage.watch': stream(z.object({ id: runId }), usageSample, z.object({})),
}
