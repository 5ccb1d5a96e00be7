import { join } from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright'
import { eachRound, expectSame, type Benchmark, type BenchContext } from './benchmark.ts'
import type { BigTable } from './big-table.ts'
import type { Figure } from './figure.ts'
import { environment, withOffloop } from './offloop.ts'
import type { QueryRequest } from './page/run-query.ts'
import { mean, percentile } from './statistics.ts'
import { timeServicePages } from './time-service-pages.ts'
import { buildTrivialApp } from './trivial.ts'

/** Enough that the slowest one in a hundred is a hundred calls' difference. */
const CALLS = 2_000
const PAGE_ROWS = 100
/** A request has a port of its own and is validated on both sides: it may take so many times a bare message. */
const SMALL_CALL_RATIO = 3
/** What the service may take for a page of rows, and so what such a request may take more than a small one. */
const ROWS_GOAL_MS = 0.25
/** A host turns its loop every 8 ms while it streams. */
const STREAMING_GOAL_MS = 10
/** Fewer answers than this have no 99th percentile; a short query is streamed again until they are there. */
const MIN_HOST_CALLS = 100
/** Steps of the golden ratio spread over the result without a pattern. */
const STEP = 0.618_033_988_75

type Times = Record<'echo' | 'call' | 'serving' | 'rows' | 'streaming', number[][]>

/** A small request from the page and back, against a bare message to a utility process and back. */
export const roundTrip: Benchmark = {
  name: 'round-trip',
  about: 'a small request from the page and back',
  async run(context) {
    const table = await context.bigTable()
    const times: Times = { echo: [], call: [], serving: [], rows: [], streaming: [] }
    await withOffloop(context, ({ page }) =>
      withEcho(context, async (echoPage) => {
        const result = await page.evaluate(
          (request) => window.bench.runQuery(request),
          request(table, 'none'),
        )
        expectSame('The rows of the result', result.rows, table.rows)
        await eachRound(context, async (round) => {
          times.echo.push(await timeEcho(echoPage))
          times.call.push(
            await page.evaluate(([id, count]) => window.bench.timeRunGet(id, count), [
              result.id,
              CALLS,
            ] as const),
          )
          const from = places(table, round)
          times.serving.push(await timeServicePages(context, result.id, from, PAGE_ROWS))
          times.rows.push(
            await page.evaluate(({ id, from, count }) => window.bench.timePages(id, from, count), {
              id: result.id,
              from,
              count: PAGE_ROWS,
            }),
          )
          times.streaming.push(await timeStreaming(page, table))
        })
      }),
    )
    return figures(times)
  },
}

function figures({ echo, call, serving, rows, streaming }: Times): Figure[] {
  // The page's clock is too coarse for the middle one of many short times, and exact for all of them together.
  const means = (rounds: readonly number[][]): number[] => rounds.map(mean)
  const p99s = (rounds: readonly number[][]): number[] => rounds.map((times) => percentile(times, 0.99))
  const figure = (name: string, values: number[], baselines: number[], goal: Figure['goal']): Figure => ({
    bench: 'round-trip',
    figure: name,
    unit: 'ms',
    values,
    baselines,
    goal,
  })
  return [
    figure('small call to the service, mean', means(call), means(echo), {
      kind: 'ratio-at-most',
      ratio: SMALL_CALL_RATIO,
    }),
    figure('small call to the service, p99', p99s(call), p99s(echo), {
      kind: 'ratio-at-most',
      ratio: SMALL_CALL_RATIO,
    }),
    figure(`${PAGE_ROWS} rows of a result, in the service, p99`, p99s(serving), [], {
      kind: 'at-most',
      value: ROWS_GOAL_MS,
    }),
    figure(`${PAGE_ROWS} rows of a result, in the page, mean`, means(rows), means(call), {
      kind: 'beyond-baseline-at-most',
      value: ROWS_GOAL_MS,
    }),
    figure(`${PAGE_ROWS} rows of a result, in the page, p99`, p99s(rows), p99s(call), {
      kind: 'beyond-baseline-at-most',
      value: ROWS_GOAL_MS,
    }),
    figure('call to a host that streams, p99', p99s(streaming), p99s(echo), {
      kind: 'at-most',
      value: STREAMING_GOAL_MS,
    }),
  ]
}

function request(table: BigTable, rows: 'none' | 'all'): QueryRequest {
  return { database: table.path, sql: table.sql, summedColumn: table.summedColumn, rows }
}

/** Rows at which pages begin, another one each time. */
function places({ rows }: BigTable, round: number): number[] {
  return Array.from({ length: CALLS }, (_, call) =>
    Math.floor((((round * CALLS + call) * STEP) % 1) * (rows - PAGE_ROWS)),
  )
}

async function timeStreaming(page: Page, table: BigTable): Promise<number[]> {
  const took: number[] = []
  while (took.length < MIN_HOST_CALLS) {
    const query = request(table, 'all')
    const { outcome, tookMs } = await page.evaluate((each) => window.bench.timeHostCalls(each), query)
    expectSame('The rows that came into the page', outcome.pageRows, table.rows)
    if (tookMs.length === 0) throw new Error('The host answered no call while it was streaming.')
    took.push(...tookMs)
  }
  return took
}

/** Opens the trivial app with a utility process that sends every message back. */
async function withEcho(context: BenchContext, measure: (page: Page) => Promise<void>): Promise<void> {
  const folder = await buildTrivialApp(context)
  const { launch } = context
  const app = await _electron.launch({
    executablePath: launch.executable,
    args: [...launch.args, folder, `--user-data-dir=${join(folder, 'profile')}`],
    env: { ...environment(), ...launch.env },
    chromiumSandbox: true,
  })
  try {
    const page = await app.firstWindow()
    await page.waitForLoadState()
    await openEcho(app, page, join(folder, 'echo.js'))
    await measure(page)
  } finally {
    await app.close()
  }
}

async function openEcho(app: ElectronApplication, page: Page, code: string): Promise<void> {
  await page.evaluate(() => {
    window.echoPort = new Promise((resolve) => {
      window.addEventListener('message', ({ ports: [port] }) => port && resolve(port))
    })
  })
  await app.evaluate(({ BrowserWindow, MessageChannelMain, utilityProcess }, file) => {
    const { port1, port2 } = new MessageChannelMain()
    utilityProcess.fork(file).postMessage({ role: 'session' }, [port1])
    BrowserWindow.getAllWindows()[0]?.webContents.postMessage('offloop:sessions', 'service', [port2])
  }, code)
}

declare global {
  interface Window {
    echoPort: Promise<MessagePort>
  }
}

/** @returns how long each message took there and back, in milliseconds. */
function timeEcho(page: Page): Promise<number[]> {
  return page.evaluate(async (count) => {
    const port = await window.echoPort
    const took: number[] = []
    for (let index = 0; index < count; index += 1) {
      const start = performance.now()
      await new Promise((resolve) => {
        port.onmessage = resolve
        port.postMessage(index)
      })
      took.push(performance.now() - start)
    }
    return took
  }, CALLS)
}
