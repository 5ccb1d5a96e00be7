import { performance } from 'node:perf_hooks'
import { app } from 'electron'

const MS_PER_SECOND = 1_000

/** What Offloop's own processes use of the processors. */
export interface ProcessorMeter {
  /** Cores that each has kept busy since the last reading, by its pid; without those that were not there then. */
  read(): Map<number, number>
}

/** Begins to measure. The percentages that Electron gives are of the time since anybody last asked, so they are not used. */
export function measureProcessors(): ProcessorMeter {
  let before = new Map<number, number>()
  let at = performance.now()
  return {
    read() {
      const now = performance.now()
      const seconds = (now - at) / MS_PER_SECOND
      at = now
      const used = new Map(
        app
          .getAppMetrics()
          .flatMap(({ pid, cpu }): [number, number][] =>
            cpu.cumulativeCPUUsage === undefined ? [] : [[pid, cpu.cumulativeCPUUsage]],
          ),
      )
      const cores = new Map<number, number>()
      for (const [pid, total] of used) {
        const earlier = before.get(pid)
        if (earlier !== undefined && seconds > 0) cores.set(pid, Math.max(0, total - earlier) / seconds)
      }
      before = used
      return cores
    },
  }
}
