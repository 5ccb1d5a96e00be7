const MS_PER_SECOND = 1_000

/** What Offloop's own processes use of the processors. */
export interface ProcessorMeter {
  /** Cores that each has kept busy since the last reading, by its pid; without those that were not there then. */
  read(): Map<number, number>
}

/**
 * Begins to measure.
 * @param usedSeconds what each process has used since its start, by its pid, in seconds.
 * @param now a clock in milliseconds that does not jump.
 */
export function measureProcessors(
  usedSeconds: () => Map<number, number>,
  now: () => number = () => performance.now(),
): ProcessorMeter {
  let before = new Map<number, number>()
  let at = now()
  return {
    read() {
      const readAt = now()
      const seconds = (readAt - at) / MS_PER_SECOND
      at = readAt
      const used = usedSeconds()
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
