import { eachRound, expectSame, type Benchmark } from './benchmark.ts'
import type { Figure } from './figure.ts'
import { withOffloop } from './offloop.ts'
import { median, percentile } from './statistics.ts'

const WAITING = 10_000
/** Enough for a median that a single slow turn of the disk does not move. */
const ADDED = 50
/** Adding takes the same whether they wait or not. */
const ADDING_RATIO = 1.5
const PAGE_RUNS = 100
/** What a list takes whose next page is there before it is scrolled to. */
const PAGE_GOAL_MS = 10
const LAG_P99_MS = 20

/** Ten thousand runs that wait: adding another, and reading the list of them. */
export const queue: Benchmark = {
  name: 'queue',
  about: `adding runs and reading the list while ${WAITING} wait`,
  async run(context) {
    return withOffloop(context, async ({ page }) => {
      const asked = { pool: 'bench-queue', adding: ADDED, waiting: WAITING, limit: PAGE_RUNS }
      await page.evaluate(({ pool }) => window.bench.makePausedPool(pool), asked)
      const empty: number[] = []
      const full: number[] = []
      const pages: number[] = []
      const time = (): Promise<number[]> =>
        page.evaluate(({ pool, adding }) => window.bench.timeAdding(pool, adding), asked)
      await eachRound(context, async () => void empty.push(median(await time())))
      await page.evaluate(() => window.bench.watchProcesses())
      await page.evaluate(({ pool, waiting }) => window.bench.addMany(pool, waiting), asked)
      await eachRound(context, async () => {
        full.push(median(await time()))
        const took = await page.evaluate(({ limit }) => window.bench.timeQueuePages(limit), asked)
        pages.push(percentile(took, 0.99))
      })
      const { service } = await page.evaluate(() => window.bench.stopWatchingProcesses())
      const left = await page.evaluate(({ pool }) => window.bench.emptyPool(pool), asked)
      expectSame('The runs that waited', left, WAITING + 2 * context.rounds * ADDED)
      const figures: Figure[] = [
        {
          bench: 'queue',
          figure: `adding a run while ${WAITING} wait`,
          unit: 'ms',
          values: full,
          baselines: empty,
          goal: { kind: 'ratio-at-most', ratio: ADDING_RATIO },
        },
        {
          bench: 'queue',
          figure: `${PAGE_RUNS} of ${WAITING} that wait, in the page, p99`,
          unit: 'ms',
          values: pages,
          baselines: [],
          goal: { kind: 'at-most', value: PAGE_GOAL_MS },
        },
        {
          bench: 'queue',
          figure: 'lag of the service meanwhile, p99 of each second',
          unit: 'ms',
          values: service.lagP99Ms,
          baselines: [],
          goal: { kind: 'at-most', value: LAG_P99_MS },
        },
      ]
      return figures
    })
  },
}
