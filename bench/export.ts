import { mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { eachRound, expectSame, type Benchmark, type BenchContext } from './benchmark.ts'
import type { BigTable } from './big-table.ts'
import type { Figure } from './figure.ts'
import { memoryFigures } from './memory.ts'
import { withOffloop } from './offloop.ts'
import type { ExportRequest } from './page/run-export.ts'
import { timeShellExport } from './sqlite-shell.ts'

/** Resident, in megabytes (10^6 bytes), however many rows there are. */
const HOST_MB = 150

/** All rows of a finished result, and of a query, into a file of CSV, against the sqlite3 shell that writes the same. */
export const exportRows: Benchmark = {
  name: 'export',
  about: 'all rows of a result and of a query into a file of CSV',
  async run(context) {
    const table = await context.bigTable()
    const speeds: Record<'shell' | 'result' | 'query', number[]> = { shell: [], result: [], query: [] }
    const folder = join(context.folder, 'exports')
    await mkdir(folder)
    const memory = await withOffloop(context, async ({ page }) => {
      const { id } = await page.evaluate((request) => window.bench.runQuery(request), {
        database: table.path,
        sql: table.sql,
        summedColumn: table.summedColumn,
        rows: 'none' as const,
      })
      await page.evaluate(() => window.bench.watchProcesses())
      await eachRound(context, async (round) => {
        const file = (of: string): string => join(folder, `${of}-${round}.csv`)
        speeds.shell.push(await shellSpeed(context, table, file('shell')))
        speeds.result.push(
          await exportSpeed(page, table, { source: { kind: 'result', run: id }, file: file('result') }),
        )
        const source = { kind: 'query', database: table.path, sql: table.sql } as const
        speeds.query.push(await exportSpeed(page, table, { source, file: file('query') }))
      })
      return page.evaluate(() => window.bench.stopWatchingProcesses())
    })
    const figure = (name: string, values: number[]): Figure => ({
      bench: 'export',
      figure: `${name} to CSV`,
      unit: 'thousand rows/s',
      values,
      baselines: speeds.shell,
      goal: { kind: 'ratio-at-least', ratio: 1 },
    })
    return [
      figure('a whole result', speeds.result),
      figure('a query', speeds.query),
      ...memoryFigures('export', memory, { service: HOST_MB, 'query-host': HOST_MB }),
    ]
  },
}

/** @returns thousands of rows a second. */
async function shellSpeed({ signal }: BenchContext, table: BigTable, file: string): Promise<number> {
  const tookMs = await timeShellExport(table.path, table.sql, file, signal)
  await rm(file)
  return table.rows / tookMs
}

/** @returns thousands of rows a second. */
async function exportSpeed(page: Page, { rows }: BigTable, request: ExportRequest): Promise<number> {
  const outcome = await page.evaluate((wanted) => window.bench.runExport(wanted), request)
  expectSame('The state of the export', outcome.state.kind, 'done')
  expectSame('The rows of the export', outcome.rows, rows)
  expectSame('The bytes of the exported file', (await stat(request.file)).size, outcome.bytes)
  await rm(request.file)
  return rows / outcome.tookMs
}
