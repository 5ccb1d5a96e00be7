import type { UsageSample } from '#contract/usage.ts'

/** A stretch of samples as one, and where it began. */
interface Stretch {
  from: number
  until: UsageSample
  /** Cores times milliseconds. */
  work: number
  peakMemory: number
}

/**
 * Thins samples out to at most so many as they come, without keeping them: when there are too many, each two neighbours
 * become one. Cores are means over time, memory is the greatest, and what adds up is as it was at the end.
 */
export function thinOut(points: number): {
  add(sample: UsageSample): void
  readonly samples: UsageSample[]
} {
  let stretches: Stretch[] = []
  let perStretch = 1
  let inLast = 0
  let lastAt: number | undefined

  function add(sample: UsageSample): void {
    const from = lastAt ?? sample.at
    const work = sample.cores * Math.max(sample.at - from, 1)
    lastAt = sample.at
    const last = stretches.at(-1)
    if (last && inLast < perStretch) {
      last.until = sample
      last.work += work
      last.peakMemory = Math.max(last.peakMemory, sample.memoryBytes)
      inLast += 1
      return
    }
    stretches.push({ from, until: sample, work, peakMemory: sample.memoryBytes })
    inLast = 1
    if (stretches.length <= points) return
    // An odd one at the end stays alone, and is filled up by what follows.
    inLast = stretches.length % 2 === 1 ? inLast : perStretch + inLast
    perStretch *= 2
    const halved: Stretch[] = []
    for (const [index, stretch] of stretches.entries()) {
      const before = halved.at(-1)
      if (index % 2 === 0 || !before) halved.push(stretch)
      else {
        before.until = stretch.until
        before.work += stretch.work
        before.peakMemory = Math.max(before.peakMemory, stretch.peakMemory)
      }
    }
    stretches = halved
  }

  return {
    add,
    get samples() {
      return stretches.map(({ from, until, work, peakMemory }) => ({
        ...until,
        cores: work / Math.max(until.at - from, 1),
        memoryBytes: peakMemory,
      }))
    },
  }
}
