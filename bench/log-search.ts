import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { eachRound, expectSame, type Benchmark, type BenchContext } from './benchmark.ts'
import type { Figure } from './figure.ts'
import { memoryFigures } from './memory.ts'
import { profileOf, withOffloop } from './offloop.ts'
import { outputOf } from './shell.ts'

const FULL_BYTES = 1024 ** 3
const SHORT_BYTES = 128 * 1024 ** 2
/** What feels immediate. */
const FIRST_HITS_MS = 100
const WHOLE_RATIO = 2
/** Resident, in megabytes (10^6 bytes): the same bound as when the output was written. */
const SERVICE_MB = 150

const LINE = 'compiling src/render/tile-cache.cc'
/** In the log once, at its very beginning and end, and in every line. */
const SEARCHES = [
  { name: 'a word that is in few lines', text: 'needle', hits: () => 2 },
  { name: 'a word that is in every line', text: 'tile', hits: (lines: number) => lines },
]

/** The output of a command searched in the window's way, beside grep counting the lines that have the same word. */
export const logSearch: Benchmark = {
  name: 'log-search',
  about: 'searching a large log',
  async run(context) {
    const lines = Math.floor((context.short ? SHORT_BYTES : FULL_BYTES) / (LINE.length + 1))
    return withOffloop(context, async ({ page }) => {
      const line = `echo 'first needle'; yes '${LINE}' | head -n ${lines}; echo 'last needle'`
      const { id } = await page.evaluate((command) => window.bench.runCommand(command), {
        line,
        folder: context.folder,
      })
      const run = join(profileOf(context), 'runs', String(id))
      const output = join(run, '1', 'output')
      await page.evaluate(() => window.bench.watchProcesses())
      const figures: Figure[] = []
      for (const { name, text, hits } of SEARCHES) {
        const first: number[] = []
        const whole: number[] = []
        const grep: number[] = []
        await eachRound(context, async () => {
          grep.push(await timeGrep(context, text, output, hits(lines)))
          const query = { text, regex: false, matchCase: true }
          const outcome = await page.evaluate((asked) => window.bench.searchOutput(asked.id, asked.query), {
            id,
            query,
          })
          expectSame('The hits', outcome.total, hits(lines))
          first.push(outcome.firstHitsMs)
          whole.push(outcome.wholeMs)
        })
        figures.push(
          {
            bench: 'log-search',
            figure: `${name}: first hits`,
            unit: 'ms',
            values: first,
            baselines: [],
            goal: { kind: 'at-most', value: FIRST_HITS_MS },
          },
          {
            bench: 'log-search',
            figure: `${name}: the whole log`,
            unit: 'ms',
            values: whole,
            baselines: grep,
            goal: { kind: 'ratio-at-most', ratio: WHOLE_RATIO },
          },
        )
      }
      const memory = await page.evaluate(() => window.bench.stopWatchingProcesses())
      await rm(run, { recursive: true })
      return [...figures, ...memoryFigures('log-search', memory, { service: SERVICE_MB })]
    })
  },
}

/** @returns how long grep takes to count lines, in milliseconds. It must print: with nobody to read it stops at the first. */
async function timeGrep(
  { signal }: BenchContext,
  text: string,
  output: string,
  lines: number,
): Promise<number> {
  const start = performance.now()
  const counted = await outputOf('grep', ['-c', text, output], signal)
  const took = performance.now() - start
  expectSame('The lines that grep counts', Number(counted), lines)
  return took
}
