import type { Benchmark } from './benchmark.ts'
import { firstRow } from './first-row.ts'
import { flood } from './flood.ts'
import { frames } from './frames.ts'
import { jump } from './jump.ts'
import { roundTrip } from './round-trip.ts'
import { rows } from './rows.ts'
import { startUp } from './start-up.ts'

/** All benchmarks, in the order in which they run. */
export const BENCHMARKS: readonly Benchmark[] = [startUp, rows, firstRow, jump, roundTrip, frames, flood]
