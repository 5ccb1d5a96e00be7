import type { ElectronLaunch } from '../scripts/runtime/electron-launch.ts'
import type { BigTable } from './big-table.ts'
import type { Figure } from './figure.ts'

/** What a benchmark is given. */
export interface BenchContext {
  /** The checkout's folder, with the built app in `out/`. */
  readonly root: string
  /** An own folder, on the disk that the checkout is on; removed at the end. */
  readonly folder: string
  readonly launch: ElectronLaunch
  /** The form that continuous integration runs: less data, fewer rounds. */
  readonly short: boolean
  /** How often each thing is measured, alternating with what it is compared with. */
  readonly rounds: number
  /** How many processes wanted a core, on average over the minute before the benchmarks began. */
  readonly loadBefore: number
  /** Aborts on SIGINT and SIGTERM. */
  readonly signal: AbortSignal
  /** Tells the person who waits what is being measured. */
  readonly say: (line: string) => void
  /** A database with one large table, made when it is first asked for. */
  readonly bigTable: () => Promise<BigTable>
  /** As `bigTable`, with ten million rows; the same one in the short form. */
  readonly hugeTable: () => Promise<BigTable>
}

export interface Benchmark {
  readonly name: string
  /** What it measures, in a few words. */
  readonly about: string
  /** @throws WrongResult when what was measured did not do its work; any error when it could not be measured. */
  run(context: BenchContext): Promise<readonly Figure[]>
}

/** What was measured gave a wrong result: its speed means nothing. */
export class WrongResult extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'WrongResult'
  }
}

/** @throws WrongResult when something counted is not what it must be. */
export function expectSame(what: string, found: unknown, wanted: unknown): void {
  if (found !== wanted) throw new WrongResult(`${what} should be ${String(wanted)} and is ${String(found)}.`)
}

/** Calls what is to be measured `rounds` times. */
export async function eachRound(
  { rounds, signal }: BenchContext,
  measure: (round: number) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    signal.throwIfAborted()
    await measure(round)
  }
}
