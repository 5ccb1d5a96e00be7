import { app } from 'electron'

const BYTES_PER_KILOBYTE = 1024

/** What each of Offloop's own processes holds in memory, in bytes, by its pid. */
export function readMemory(): Map<number, number> {
  const metrics = app.getAppMetrics()
  return new Map(metrics.map(({ pid, memory }) => [pid, memory.workingSetSize * BYTES_PER_KILOBYTE]))
}
