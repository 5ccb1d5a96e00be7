import type { UsageSample } from '#contract/usage.ts'
import type { TimePoint } from '../../ui/graph/time-line.ts'

const MS_PER_SECOND = 1_000

/**
 * How many bytes a second were read from disks and written to them, up to each sample since the one before; the first has
 * nothing before it, and counts as none. Empty where the system does not tell.
 */
export function diskRates(samples: readonly UsageSample[]): TimePoint[] {
  if (samples.some(({ readBytes, writtenBytes }) => readBytes === null || writtenBytes === null)) return []
  return samples.map((sample, index) => {
    const before = samples[index - 1] ?? sample
    const ms = sample.at - before.at
    // A process that has ended takes along what it has not yet handed to its parent.
    const moved = Math.max(0, total(sample) - total(before))
    return { at: sample.at, value: ms > 0 ? (moved * MS_PER_SECOND) / ms : 0 }
  })
}

function total({ readBytes, writtenBytes }: UsageSample): number {
  return (readBytes ?? 0) + (writtenBytes ?? 0)
}
