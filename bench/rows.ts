import type { Page } from 'playwright'
import { eachRound, expectSame, type Benchmark, type BenchContext } from './benchmark.ts'
import type { BigTable } from './big-table.ts'
import type { Figure } from './figure.ts'
import { hasExtension } from './has-extension.ts'
import { memoryFigures } from './memory.ts'
import { withOffloop } from './offloop.ts'
import type { QueryOutcome } from './page/run-query.ts'
import { timeShellQuery } from './sqlite-shell.ts'

/** One of the two ways in which a query host moves rows. */
interface Way {
  readonly name: string
  readonly variables: Readonly<Record<string, string>>
  /** Ratios to the sqlite3 shell. */
  readonly fileRatio: number
  readonly pageRatio: number
}

const PACKED: Way = { name: 'packed in C', variables: {}, fileRatio: 2.2, pageRatio: 1.5 }
/** A row that JavaScript moves costs more than one that the shell prints; the difference is bounded. */
const STEPPED: Way = {
  name: 'without the extension',
  variables: { OFFLOOP_ACCELERATOR: 'off' },
  fileRatio: 0.75,
  pageRatio: 0.6,
}
/** Resident, in megabytes (10^6 bytes), however many rows there are. */
const HOST_MB = 150
const PAGE_MB = 300
/** Pages of the result that are read back and compared with the table, spread evenly over it. */
const CHECKED_PAGES = 10
const CHECKED_PAGE_ROWS = 100

/** All rows of a large table into the result file, and into the page, against the sqlite3 shell that prints them. */
export const rows: Benchmark = {
  name: 'rows',
  about: 'all rows of a table into the result file and into the page',
  async run(context) {
    const table = await context.bigTable()
    const figures: Figure[] = []
    for (const way of (await hasExtension(context)) ? [PACKED, STEPPED] : [STEPPED])
      figures.push(...(await measureWay(context, table, way)))
    return figures
  },
}

async function measureWay(
  context: BenchContext,
  table: BigTable,
  { name, variables, fileRatio, pageRatio }: Way,
): Promise<Figure[]> {
  const speeds: Record<'shell' | 'file' | 'page', number[]> = { shell: [], file: [], page: [] }
  const memory = await withOffloop(
    context,
    async ({ page }) => {
      await page.evaluate(() => window.bench.watchProcesses())
      await eachRound(context, async () => {
        speeds.shell.push(perSecond(table, await timeShellQuery(table.path, table.sql, context.signal)))
        speeds.file.push(perSecond(table, await timeIntoFile(page, table)))
        speeds.page.push(perSecond(table, await timeIntoPage(page, table)))
      })
      return page.evaluate(() => window.bench.stopWatchingProcesses())
    },
    variables,
  )
  const figure = (what: string, values: readonly number[], ratio: number): Figure => ({
    bench: 'rows',
    figure: `${what}, ${name}`,
    unit: 'thousand rows/s',
    values,
    baselines: speeds.shell,
    goal: { kind: 'ratio-at-least', ratio },
  })
  return [
    figure('into the result file', speeds.file, fileRatio),
    figure('into the page', speeds.page, pageRatio),
    ...memoryFigures('rows', memory, { service: HOST_MB, 'query-host': HOST_MB, renderer: PAGE_MB }, name),
  ]
}

/** Thousands of rows a second. */
function perSecond({ rows: count }: BigTable, tookMs: number): number {
  return count / tookMs
}

/** @returns milliseconds. */
async function timeIntoFile(page: Page, table: BigTable): Promise<number> {
  const outcome = await runQuery(page, table, 'none')
  for (let checked = 0; checked < CHECKED_PAGES; checked += 1) {
    const from = Math.floor(((table.rows - CHECKED_PAGE_ROWS) * checked) / (CHECKED_PAGES - 1))
    const place = { id: outcome.id, from, count: CHECKED_PAGE_ROWS }
    const ids = await page.evaluate(({ id, from, count }) => window.bench.readIds(id, from, count), place)
    const wanted = Array.from({ length: CHECKED_PAGE_ROWS }, (_, row) => from + row + 1)
    expectSame(`The ids from row ${from} of the result`, ids.join(), wanted.join())
  }
  return outcome.tookMs
}

/** @returns milliseconds. */
async function timeIntoPage(page: Page, table: BigTable): Promise<number> {
  const outcome = await runQuery(page, table, 'all')
  expectSame('The rows that came into the page', outcome.pageRows, table.rows)
  expectSame('The sum of a column of the rows in the page', outcome.pageSum, table.sum)
  return outcome.tookMs
}

async function runQuery(page: Page, table: BigTable, wanted: 'none' | 'all'): Promise<QueryOutcome> {
  const outcome = await page.evaluate((request) => window.bench.runQuery(request), {
    database: table.path,
    sql: table.sql,
    summedColumn: table.summedColumn,
    rows: wanted,
  })
  expectSame('The state of the query', outcome.state.kind, 'done')
  expectSame('The rows of the result', outcome.rows, table.rows)
  return outcome
}
