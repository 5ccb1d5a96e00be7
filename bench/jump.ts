import { eachRound, expectSame, type Benchmark } from './benchmark.ts'
import { withOffloop } from './offloop.ts'
import { percentile } from './statistics.ts'
import { openQueryTab, queryIsOver, writeQuery } from './window.ts'

/** Three frames: the jump, the answer, and one to spare. */
const GOAL_MS = 50
const JUMPS = 40
/** Steps of the golden ratio spread over the result without a pattern and never come back to the same place. */
const STEP = 0.618_033_988_75

/** Jumps to any place of a large result with the scrollbar, until the rows there have their values on screen. */
export const jump: Benchmark = {
  name: 'jump',
  about: 'any row of a large result on screen',
  async run(context) {
    const table = await context.bigTable()
    const longest: number[] = []
    await withOffloop(context, async ({ page }) => {
      await openQueryTab(page, table)
      await writeQuery(page, table.sql)
      await page.keyboard.press('Control+Enter')
      await page.locator('[data-testid="cancel-query"]:visible').waitFor()
      await queryIsOver(page)
      await eachRound(context, async (round) => {
        const took: number[] = []
        for (let count = 1; count <= JUMPS; count += 1) {
          const share = ((round * JUMPS + count) * STEP) % 1
          const jumped = await page.evaluate((to) => window.bench.timeJump(to), share)
          expectSame(`The id in row ${jumped.row}`, jumped.text, String(jumped.row + 1))
          took.push(jumped.tookMs)
        }
        longest.push(percentile(took, 1))
      })
    })
    return [
      {
        bench: 'jump',
        figure: `longest of ${JUMPS} jumps`,
        unit: 'ms',
        values: longest,
        baselines: [],
        goal: { kind: 'at-most', value: GOAL_MS },
      },
    ]
  },
}
