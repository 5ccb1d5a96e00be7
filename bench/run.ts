import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, loadavg } from 'node:os'
import { join } from 'node:path'
import { launchFromEnvironment } from '../scripts/runtime/electron-launch.ts'
import { SetupFailure } from '../scripts/runtime/setup-failure.ts'
import { runTask } from '../scripts/task/run-task.ts'
import { readArguments, type Wanted } from './arguments.ts'
import { WrongResult, type Benchmark, type BenchContext } from './benchmark.ts'
import { BENCHMARKS } from './benchmarks.ts'
import { BIG_ROWS, HUGE_ROWS, makeBigTable, SHORT_ROWS, type BigTable } from './big-table.ts'
import { jsonLine, judge, type Verdict } from './figure.ts'
import { save } from './save.ts'
import { table } from './table.ts'

const EXIT_FAILED = 1
const EXIT_USAGE = 2
const FULL_ROUNDS = 5
const SHORT_ROUNDS = 3
/** A machine with so much of its cores in use gives figures of the other programs as well. */
const BUSY_SHARE = 0.25

/**
 * Runs benchmarks and shows their figures. It fails when something could not be measured or gave a wrong result, never
 * for a goal that was missed: that stays visible as `met: false`.
 */
await runTask(async ({ root, taskArguments, signal, say }) => {
  const read = readArguments(taskArguments, BENCHMARKS)
  if (read.kind === 'refused') {
    process.stderr.write(`${read.message}\n`)
    return EXIT_USAGE
  }
  const { wanted } = read
  // Lines of JSON are for a program: what is said to a person goes another way.
  const tell = wanted.json ? (line: string): void => void process.stderr.write(`${line}\n`) : say
  const cache = join(root, '.cache')
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, 'bench-'))
  try {
    return await measure(wanted, makeContext(root, folder, wanted, signal, tell))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

function makeContext(
  root: string,
  folder: string,
  { short }: Wanted,
  signal: AbortSignal,
  say: (line: string) => void,
): BenchContext {
  const tables = new Map<number, Promise<BigTable>>()
  function tableOf(fullRows: number): Promise<BigTable> {
    const rows = short ? SHORT_ROWS : fullRows
    const table = tables.get(rows) ?? makeBigTable(folder, rows, signal, say)
    tables.set(rows, table)
    return table
  }
  return {
    root,
    folder,
    launch: launchFromEnvironment(process.env),
    short,
    loadBefore: loadavg()[0] ?? 0,
    rounds: short ? SHORT_ROUNDS : FULL_ROUNDS,
    signal,
    say,
    bigTable: () => tableOf(BIG_ROWS),
    hugeTable: () => tableOf(HUGE_ROWS),
  }
}

/** @returns the exit code. */
async function measure({ benchmarks, json, saves }: Wanted, context: BenchContext): Promise<number> {
  warnIfBusy(context)
  const verdicts: Verdict[] = []
  let failures = 0
  for (const benchmark of benchmarks) {
    context.say(`Measuring ${benchmark.name}: ${benchmark.about}…`)
    try {
      const found = (await benchmark.run(context)).map(judge)
      verdicts.push(...found)
      if (json) for (const verdict of found) process.stdout.write(`${jsonLine(verdict)}\n`)
    } catch (error) {
      context.signal.throwIfAborted()
      failures += 1
      process.stderr.write(`${failureLine(benchmark, error)}\n`)
    }
  }
  if (!json) context.say(`\n${table(verdicts)}`)
  if (failures > 0) return EXIT_FAILED
  if (saves) await save(context, verdicts)
  return 0
}

function warnIfBusy({ loadBefore, say }: BenchContext): void {
  const cores = availableParallelism()
  if (loadBefore < cores * BUSY_SHARE) return
  const load = loadBefore.toFixed(1)
  say(
    `This machine is busy (load ${load} on ${cores} cores), so the figures will be worse than they are. Close other programs.`,
  )
}

function failureLine({ name }: Benchmark, error: unknown): string {
  if (error instanceof WrongResult)
    return `${name} gave a wrong result, so its speed means nothing: ${error.message}`
  if (error instanceof SetupFailure) return `${name} could not be measured. ${error.message}`
  return `${name} could not be measured. ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
}
