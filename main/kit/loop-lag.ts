import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { LoopLag } from '#contract/processes.ts'

/** How often the loop is probed: fine enough to see a single slow callback, at no cost that could be measured. */
const RESOLUTION_MS = 5
const NANOSECONDS_PER_MS = 1e6

/** A running lag meter of this process's event loop. */
export interface LoopLagMeter {
  /** The lag since the last reading, beyond the meter's own resolution; starts a new span. */
  read(): LoopLag
}

/** Starts measuring how late this process's timers run. It goes on until the process ends and does not keep it alive. */
export function measureLoopLag(): LoopLagMeter {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  return {
    read() {
      const beyond = (nanoseconds: number): number =>
        Math.max(0, nanoseconds / NANOSECONDS_PER_MS - RESOLUTION_MS)
      const lag =
        histogram.count === 0
          ? { p99Ms: 0, maxMs: 0 }
          : { p99Ms: beyond(histogram.percentile(99)), maxMs: beyond(histogram.max) }
      histogram.reset()
      return lag
    },
  }
}
