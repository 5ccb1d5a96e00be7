import type { Page } from 'playwright'
import { eachRound, expectSame, type Benchmark, type BenchContext } from './benchmark.ts'
import type { BigTable } from './big-table.ts'
import type { Figure } from './figure.ts'
import { withOffloop } from './offloop.ts'
import type { FrameReport } from './page/watch-frames.ts'
import { openQueryTab, queryIsOver, writeQuery } from './window.ts'

/** One frame of a 60 Hz screen is 16.67 ms; the browser's clock makes 16.6 to 16.8 of it. */
const ONE_FRAME_MS = 16.8
/** Two frames, 33.33 ms, rounded in the same way: one was dropped. */
const TWO_FRAMES_MS = 33.4
/** A loop that is late by this much makes a frame late only together with something else. */
const LAG_GOAL_MS = 5
const COMMANDS = 8
/**
 * A thousand lines a second: twenty of them, fifty times a second. It ends by itself after three minutes, because a command
 * outlives an Offloop that fails.
 */
const PRINTING = `perl -e '$| = 1; for ($n = 0; $n < 9000; $n++) { print "step $n of the build, all is well so far\\n" x 20; select undef, undef, undef, 0.02 }'`
/** How long each half of the load goes on, and the page rests before it. */
const FULL_STRETCH_MS = 5_000
const SHORT_STRETCH_MS = 1_000
/** Ten keys a second: a quick typist. */
const KEY_MS = 100
/** Rounds start alike: what an earlier one has left is over. */
const WARM_UP_MS = 500

/** The longest frame of the window while everything goes on at once, against the same window at rest. */
export const frames: Benchmark = {
  name: 'frames',
  about: 'the longest frame while rows stream, commands print, a log scrolls and a person types',
  async run(context) {
    const table = await context.bigTable()
    const resting: number[] = []
    const working: number[] = []
    const lag = await withOffloop(context, async ({ page }) => {
      await openQueryTab(page, table)
      const spans: Record<'main' | 'service', number[]> = { main: [], service: [] }
      await eachRound(context, async () => {
        await queryIsOver(page)
        resting.push((await watched(page, () => page.waitForTimeout(stretch(context)))).longestMs)
        const runs = await startPrinting(context, page)
        try {
          await page.waitForTimeout(WARM_UP_MS)
          await page.evaluate(() => window.bench.watchProcesses())
          working.push((await watched(page, () => workInWindow(context, page, table))).longestMs)
          const reports = await page.evaluate(() => window.bench.stopWatchingProcesses())
          spans.main.push(...reports.main.lagP99Ms)
          spans.service.push(...reports.service.lagP99Ms)
        } finally {
          for (const id of runs) await page.evaluate((run) => window.bench.stopRun(run), id)
        }
      })
      return spans
    })
    return [
      longest('longest frame', working, resting, { kind: 'at-most', value: ONE_FRAME_MS }),
      longest('longest frame of any round', working, resting, { kind: 'never-over', value: TWO_FRAMES_MS }),
      ...Object.entries(lag).map(([role, values]): Figure => ({
        bench: 'frames',
        figure: `loop lag of the ${role}, p99 of each second`,
        unit: 'ms',
        values,
        baselines: [],
        goal: { kind: 'at-most', value: LAG_GOAL_MS },
      })),
    ]
  },
}

function longest(name: string, values: number[], baselines: number[], goal: Figure['goal']): Figure {
  return { bench: 'frames', figure: name, unit: 'ms', values, baselines, goal }
}

function stretch({ short }: BenchContext): number {
  return short ? SHORT_STRETCH_MS : FULL_STRETCH_MS
}

/** Measures the page's frames while something goes on. */
async function watched(page: Page, during: () => Promise<void>): Promise<FrameReport> {
  await page.evaluate(() => window.bench.watchFrames())
  await during()
  const report = await page.evaluate(() => window.bench.stopWatchingFrames())
  if (report.frames === 0) throw new Error('The page drew no frame: is its window covered?')
  return report
}

/** @returns the ids of commands that print from now on. */
async function startPrinting({ folder }: BenchContext, page: Page): Promise<number[]> {
  const request = { line: PRINTING, folder }
  const runs: number[] = []
  for (let count = 0; count < COMMANDS; count += 1)
    runs.push(await page.evaluate((command) => window.bench.startCommand(command), request))
  return runs
}

/** First a query in the window while the person types in its editor, then all rows into the page beside a log. */
async function workInWindow(context: BenchContext, page: Page, table: BigTable): Promise<void> {
  const editor = page.locator('[data-testid="editor"]:visible .cm-content')
  await editor.click()
  await writeQuery(page, table.sql)
  await page.keyboard.press('Control+Enter')
  await typeFor(stretch(context), page)

  await page.locator('[data-testid="activity-runs"]').click()
  await page.locator('[data-testid="live-run"]', { hasText: 'perl' }).first().dblclick()
  await page.locator('[data-testid="log"]:visible [data-line]').first().waitFor()
  await page.locator('[data-testid="activity-history"]').click()
  await page.locator('[data-testid="history-filter"]').fill('')
  await page.locator('[data-testid="history-filter"]').click()
  const typed = new AbortController()
  const typing = typeFor(stretch(context), page).finally(() => typed.abort())
  do {
    const outcome = await page.evaluate((request) => window.bench.runQuery(request), {
      database: table.path,
      sql: table.sql,
      summedColumn: table.summedColumn,
      rows: 'all' as const,
    })
    expectSame('The rows that came into the page', outcome.pageRows, table.rows)
  } while (!typed.signal.aborted)
  await typing
  await page.keyboard.press('Control+W')
}

async function typeFor(milliseconds: number, page: Page): Promise<void> {
  const keys = Math.ceil(milliseconds / KEY_MS)
  const text = 'and where not ever '
  await page.keyboard.type(text.repeat(Math.ceil(keys / text.length)).slice(0, keys), { delay: KEY_MS })
}
