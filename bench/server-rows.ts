import type { Page } from 'playwright'
import { noServer, PASSWORD, startServer } from '#kit/postgres-server-fixture.ts'
import { eachRound, expectSame, type Benchmark } from './benchmark.ts'
import { HUGE_ROWS, SHORT_ROWS } from './big-table.ts'
import type { Figure } from './figure.ts'
import { memoryFigures } from './memory.ts'
import { withOffloop } from './offloop.ts'
import { timeServerCopy } from './server-copy.ts'

/** A row that is decoded, packed and written costs more than one that is thrown away as it comes; the difference is bounded. */
const FILE_RATIO = 0.2
const PAGE_RATIO = 0.15
/** Resident, in megabytes (10^6 bytes), however many rows there are; a host of a server holds two batches of 8,192 rows. */
const HOST_MB = 300
const SERVICE_MB = 150
const PAGE_MB = 300

/** All rows of a query on a PostgreSQL server of its own into the result file, and into the page. */
export const serverRows: Benchmark = {
  name: 'server-rows',
  about: 'ten million rows of a PostgreSQL server into the result file and into the page, memory',
  async run(context) {
    if (noServer !== undefined) {
      context.say(`Left out: ${noServer}.`)
      return []
    }
    const count = context.short ? SHORT_ROWS : HUGE_ROWS
    const sql = rowsSql(count)
    const server = await startServer()
    try {
      const database = server.address()
      const speeds: Record<'copy' | 'file' | 'page', number[]> = { copy: [], file: [], page: [] }
      const memory = await withOffloop(context, async ({ page }) => {
        await page.evaluate(([to, password]) => window.bench.savePassword(to, password), [
          database,
          PASSWORD,
        ] as const)
        await page.evaluate(() => window.bench.watchProcesses())
        await eachRound(context, async () => {
          const copied = await timeServerCopy(database, sql)
          expectSame('The rows that COPY sent', copied.rows, count)
          speeds.copy.push(count / copied.tookMs)
          speeds.file.push(count / (await timeQuery(page, { database, sql, count }, 'none')))
          speeds.page.push(count / (await timeQuery(page, { database, sql, count }, 'all')))
        })
        return page.evaluate(() => window.bench.stopWatchingProcesses())
      })
      const figure = (name: string, values: readonly number[], ratio: number): Figure => ({
        bench: 'server-rows',
        figure: name,
        unit: 'thousand rows/s',
        values,
        baselines: speeds.copy,
        goal: { kind: 'ratio-at-least', ratio },
      })
      return [
        figure('into the result file', speeds.file, FILE_RATIO),
        figure('into the page', speeds.page, PAGE_RATIO),
        ...memoryFigures('server-rows', memory, {
          service: SERVICE_MB,
          'query-host': HOST_MB,
          renderer: PAGE_MB,
        }),
      ]
    } finally {
      await server.remove()
    }
  },
}

/** The server makes the rows while it sends them: in FROM it would first write all of them to a file. */
function rowsSql(count: number): string {
  return `SELECT i AS id, i % 1000 AS sensor, 'place ' || i % 5000 AS place, i / 7.0::float8 AS value
    FROM (SELECT generate_series(1::bigint, ${count}) AS i) AS numbers`
}

/** @returns milliseconds. */
async function timeQuery(
  page: Page,
  { database, sql, count }: { readonly database: string; readonly sql: string; readonly count: number },
  wanted: 'none' | 'all',
): Promise<number> {
  const outcome = await page.evaluate((request) => window.bench.runQuery(request), {
    database,
    sql,
    summedColumn: 0,
    rows: wanted,
  })
  expectSame('The state of the query', outcome.state.kind, 'done')
  expectSame('The rows of the result', outcome.rows, count)
  if (wanted === 'all')
    expectSame('The sum of the ids in the page', outcome.pageSum, (count * (count + 1)) / 2)
  return outcome.tookMs
}
