import type { Benchmark } from './benchmark.ts'
import { cancel } from './cancel.ts'
import { commands } from './commands.ts'
import { exportRows } from './export.ts'
import { finishedResult } from './finished-result.ts'
import { flood } from './flood.ts'
import { frames } from './frames.ts'
import { logSearch } from './log-search.ts'
import { queue } from './queue.ts'
import { roundTrip } from './round-trip.ts'
import { rows } from './rows.ts'
import { serverRows } from './server-rows.ts'
import { startUp } from './start-up.ts'
import { tenMillion } from './ten-million.ts'
import { usage } from './usage.ts'

/** All benchmarks, in the order in which they run. */
export const BENCHMARKS: readonly Benchmark[] = [
  startUp,
  rows,
  exportRows,
  finishedResult,
  tenMillion,
  serverRows,
  cancel,
  roundTrip,
  frames,
  flood,
  logSearch,
  commands,
  queue,
  usage,
]
