import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Page } from 'playwright'
import { eachRound, type Benchmark } from './benchmark.ts'
import type { BigTable } from './big-table.ts'
import { withOffloop } from './offloop.ts'
import { openQueryTab, queryIsOver, writeQuery } from './window.ts'

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
        shell.push(await timeInShell(table, context.signal))
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

/** @param mark a text that only this query returns, in its first column. @returns milliseconds. */
async function timeOnScreen(page: Page, { sql }: BigTable, mark: string): Promise<number> {
  await writeQuery(page, sql.replace('*', `'${mark}' AS mark, *`))
  await page.evaluate((text) => window.bench.timeFirstRow(text), mark)
  await page.keyboard.press('Control+Enter')
  const took = await page.evaluate(() => window.bench.firstRowMs())
  await queryIsOver(page)
  return took
}

/** @returns milliseconds from starting the shell to its first line. */
async function timeInShell({ path, sql }: BigTable, signal: AbortSignal): Promise<number> {
  const start = performance.now()
  const child = spawn('sqlite3', ['-csv', '-readonly', path, sql], {
    stdio: ['ignore', 'pipe', 'inherit'],
    signal,
  })
  await once(child.stdout, 'data')
  const took = performance.now() - start
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
  return took
}
