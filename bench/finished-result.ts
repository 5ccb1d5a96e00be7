import type { Page } from 'playwright'
import { eachRound, expectSame, type Benchmark } from './benchmark.ts'
import type { BigTable } from './big-table.ts'
import type { Figure } from './figure.ts'
import { hasExtension } from './has-extension.ts'
import { memoryFigures } from './memory.ts'
import { withOffloop } from './offloop.ts'
import type { QueryOutcome } from './page/run-query.ts'
import { timeShellQuery } from './sqlite-shell.ts'

/** Resident, in megabytes (10^6 bytes), however many rows there are. */
const HOST_MB = 150
/** Pages of what came out that are looked at, spread evenly over it. */
const CHECKED_PAGES = 10
const CHECKED_PAGE_ROWS = 100

/** What is done with all rows, and how what comes of it is known to be right by its first column. */
interface Task {
  readonly name: string
  /** @param from the table for the shell; for Offloop the finished result of reading it. */
  readonly sql: (from: string) => string
  /** @param rows of the table. @returns how many must be left. */
  readonly rowsLeft: (rows: number) => number
  /** Whether values of the first column, from top to bottom, are right. */
  readonly isRight: (values: readonly number[]) => boolean
}

const TASKS: readonly Task[] = [
  {
    name: 'sorted by one column',
    sql: (from) => `SELECT value, id, sensor, place, note, flags FROM ${from} ORDER BY value`,
    rowsLeft: (rows) => rows,
    isRight: (values) => values.every((value, index) => value >= (values[index - 1] ?? 0)),
  },
  {
    // The sensors go from 0 to 999, each as often as the others: a tenth of the rows.
    name: 'filtered by one column',
    sql: (from) => `SELECT sensor, id, place, note, value, flags FROM ${from} WHERE sensor < 100`,
    rowsLeft: (rows) => rows / 10,
    isRight: (values) => values.every((value) => value < 100),
  },
]

/** A finished result sorted and filtered, against the sqlite3 shell doing the same to the table that it was read from. */
export const finishedResult: Benchmark = {
  name: 'finished-result',
  about: 'a finished result of ten million rows sorted and filtered by one column',
  async run(context) {
    if (!(await hasExtension(context))) return []
    const table = await context.hugeTable()
    const times = TASKS.map(() => ({ offloop: [] as number[], shell: [] as number[] }))
    const memory = await withOffloop(context, async ({ page }) => {
      const { id } = await runQuery(page, table.path, table.sql)
      await page.evaluate(() => window.bench.watchProcesses())
      await eachRound(context, async () => {
        for (const [index, task] of TASKS.entries()) {
          times[index]?.shell.push(await timeShellQuery(table.path, task.sql('readings'), context.signal))
          times[index]?.offloop.push(await timeTask(page, table, id, task))
        }
      })
      return page.evaluate(() => window.bench.stopWatchingProcesses())
    })
    return [
      ...TASKS.map(({ name }, index): Figure => ({
        bench: 'finished-result',
        figure: name,
        unit: 'ms',
        values: times[index]?.offloop ?? [],
        baselines: times[index]?.shell ?? [],
        goal: { kind: 'ratio-at-most', ratio: 1 },
      })),
      ...memoryFigures('finished-result', memory, { service: HOST_MB, 'query-host': HOST_MB }),
    ]
  },
}

/** @returns milliseconds. */
async function timeTask(page: Page, { rows }: BigTable, id: number, task: Task): Promise<number> {
  const outcome = await runQuery(page, `result:${id}`, task.sql('result'))
  const left = task.rowsLeft(rows)
  expectSame(`The rows of the result ${task.name}`, outcome.rows, left)
  const values: number[] = []
  for (let checked = 0; checked < CHECKED_PAGES; checked += 1) {
    const from = Math.floor(((left - CHECKED_PAGE_ROWS) * checked) / (CHECKED_PAGES - 1))
    const place = { id: outcome.id, from, count: CHECKED_PAGE_ROWS }
    const texts = await page.evaluate(({ id, from, count }) => window.bench.readIds(id, from, count), place)
    values.push(...texts.map(Number))
  }
  expectSame(`Whether the result is rightly ${task.name}`, task.isRight(values), true)
  return outcome.tookMs
}

async function runQuery(page: Page, database: string, sql: string): Promise<QueryOutcome> {
  const request = { database, sql, rows: 'none', summedColumn: 0 } as const
  const outcome = await page.evaluate((wanted) => window.bench.runQuery(wanted), request)
  expectSame('The state of the query', outcome.state.kind, 'done')
  return outcome
}
