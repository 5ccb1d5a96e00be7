import { eachRound, type Benchmark } from './benchmark.ts'
import { withOffloop } from './offloop.ts'
import { timeFirstLine } from './sqlite-shell.ts'
import { openQueryTab, timeOnScreen } from './window.ts'

/** A person feels what comes within 100 ms as at once; half of it is left to the engine. */
const GOAL_MS = 50

/** From pressing the keys that run a query to its first row on screen, against starting the sqlite3 shell for it. */
export const firstRow: Benchmark = {
  name: 'first-row',
  about: 'from running a query to its first row on screen',
  async run(context) {
    const table = await context.bigTable()
    const screen: number[] = []
    const shell: number[] = []
    await withOffloop(context, async ({ page }) => {
      await openQueryTab(page, table)
      // The first query starts the database's process: later ones find it warm.
      await timeOnScreen(page, table, 'warm')
      await eachRound(context, async (round) => {
        shell.push(await timeFirstLine(table.path, table.sql, context.signal))
        screen.push(await timeOnScreen(page, table, `round ${round}`))
      })
    })
    return [
      {
        bench: 'first-row',
        figure: 'first row on screen, warm',
        unit: 'ms',
        values: screen,
        baselines: shell,
        goal: { kind: 'beyond-baseline-at-most', value: GOAL_MS },
      },
    ]
  },
}
