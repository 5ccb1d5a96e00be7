import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { eachRound, expectSame, type Benchmark, type BenchContext } from './benchmark.ts'
import type { Figure } from './figure.ts'
import { memoryFigures } from './memory.ts'
import { profileOf, withOffloop } from './offloop.ts'
import { timeProgram } from './shell.ts'

const FULL_BYTES = 1024 ** 3
const SHORT_BYTES = 128 * 1024 ** 2
/** The command may lose a twentieth of its speed to being watched, */
const SPEED_RATIO = 0.95
/** and the last line may be readable a tenth later than the command alone would need to write it. */
const INDEXED_RATIO = 1.1
/** Resident, in megabytes (10^6 bytes), however much is printed. */
const SERVICE_MB = 150

interface Flood {
  readonly name: string
  readonly line: string
  readonly lines: number
}

/** A command that prints as fast as it can, through Offloop and into a file by itself. */
export const flood: Benchmark = {
  name: 'flood',
  about: 'a command that prints without end',
  async run(context) {
    const bytes = context.short ? SHORT_BYTES : FULL_BYTES
    const line = 'compiling src/render/tile-cache.cc'
    const floods: Flood[] = [
      {
        name: 'with lines',
        line: `yes '${line}' | head -c ${bytes}`,
        lines: Math.ceil(bytes / (line.length + 1)),
      },
      { name: 'without a line end', line: `head -c ${bytes} /dev/zero | tr '\\0' x`, lines: 1 },
    ]
    return withOffloop(context, async ({ page }) => {
      await page.evaluate(() => window.bench.watchProcesses())
      const figures: Figure[] = []
      for (const each of floods) figures.push(...(await measureFlood(context, page, each, bytes)))
      const memory = await page.evaluate(() => window.bench.stopWatchingProcesses())
      return [...figures, ...memoryFigures('flood', memory, { service: SERVICE_MB })]
    })
  },
}

async function measureFlood(
  context: BenchContext,
  page: Page,
  { name, line, lines }: Flood,
  bytes: number,
): Promise<Figure[]> {
  const alone: number[] = []
  const watched: number[] = []
  const indexed: number[] = []
  await eachRound(context, async () => {
    alone.push(await timeAlone(context, line))
    await settleDisk(context)
    const request = { line, folder: context.folder }
    const outcome = await page.evaluate((command) => window.bench.runCommand(command), request)
    if (outcome.state.kind !== 'done') throw new Error(`The command ended as ${outcome.state.kind}.`)
    expectSame('The bytes of the output', outcome.bytes, bytes)
    expectSame('The lines of the output', outcome.lines, lines)
    watched.push(outcome.state.durationMs)
    indexed.push(outcome.indexedAfterMs)
    await rm(join(profileOf(context), 'runs', String(outcome.id)), { recursive: true })
    await settleDisk(context)
  })
  const speed = (took: readonly number[]): number[] => took.map((ms) => bytes / 1e3 / ms)
  return [
    {
      bench: 'flood',
      figure: `${name}: speed of the command`,
      unit: 'MB/s',
      values: speed(watched),
      baselines: speed(alone),
      goal: { kind: 'ratio-at-least', ratio: SPEED_RATIO },
    },
    {
      bench: 'flood',
      figure: `${name}: last line readable after`,
      unit: 'ms',
      values: indexed,
      baselines: alone,
      goal: { kind: 'ratio-at-most', ratio: INDEXED_RATIO },
    },
  ]
}

/** @returns how long the line alone takes to write into a file, in milliseconds. */
async function timeAlone(context: BenchContext, line: string): Promise<number> {
  const file = join(context.folder, 'alone')
  await settleDisk(context)
  const took = await timeProgram('sh', ['-c', `{ ${line}; } > '${file}'`], context.signal)
  await rm(file)
  return took
}

/** What one measurement leaves to be written must not slow the next. */
async function settleDisk({ signal }: BenchContext): Promise<void> {
  await timeProgram('sync', [], signal)
}
