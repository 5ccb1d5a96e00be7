import './without-eval.ts'
import type { AppContract } from '#contract/app.ts'
import type { ResultOf } from '#contract/channel.ts'
import type { SearchQuery } from '#contract/output-search.ts'
import type { RunId } from '#contract/run.ts'
import { openSessions } from './sessions.ts'
import { readIds } from './read-ids.ts'
import { runCommand, startCommand, type CommandOutcome, type CommandRequest } from './run-command.ts'
import { runExport, type ExportOutcome, type ExportRequest } from './run-export.ts'
import { searchOutput, type SearchOutcome } from './search-output.ts'
import { addMany, makePool, runMany, timeAdding, timeQueuePages } from './run-many.ts'
import { startQuery, type QueryOutcome, type QueryRequest } from './run-query.ts'
import { timeFirstRow, type FirstRowTiming } from './time-first-row.ts'
import { timeJump, type Jump } from './time-jump.ts'
import { timeCalls } from './time-calls.ts'
import { timeCancel, type Cancelled } from './time-cancel.ts'
import { timeHostCalls } from './time-host-calls.ts'
import { waitForSample } from './wait-for-sample.ts'
import { watchFrames, type FrameReport, type FrameWatch } from './watch-frames.ts'
import { watchProcesses, type ProcessReports, type ProcessWatch } from './watch-processes.ts'

/** What a benchmark calls in Offloop's own page; arguments and answers can be cloned. Times are milliseconds. */
export interface BenchPage {
  /** Resolves when the sample of a first start is made and nothing more goes on by itself. */
  settled(): Promise<void>
  /** The version of Electron, and what else its process says of itself. */
  info(): Promise<ResultOf<AppContract, 'info'>>
  runQuery(request: QueryRequest): Promise<QueryOutcome>
  runExport(request: ExportRequest): Promise<ExportOutcome>
  /** Starts a query that would not end, and cancels it. */
  timeCancel(database: string, sql: string): Promise<Cancelled>
  /** How long each of some calls took that ask the service for a run. */
  timeRunGet(id: RunId, count: number): Promise<number[]>
  /** How long each of some calls took that ask for rows `from[n]` to `from[n] + count` of a result. */
  timePages(id: RunId, from: readonly number[], count: number): Promise<number[]>
  /** The first column of rows `from` to `from + count` of a result, as text. */
  readIds(id: RunId, from: number, count: number): Promise<string[]>
  /** Reads all rows of a query, and how long each call to its host took meanwhile. */
  timeHostCalls(request: QueryRequest): Promise<{ outcome: QueryOutcome; tookMs: number[] }>
  /** From the next press of Enter until the grid's first cell reads as given. */
  timeFirstRow(text: string): void
  /** What `timeFirstRow` has measured. */
  firstRowMs(): Promise<number>
  timeJump(share: number, column: number): Promise<Jump>
  /** Keeps the password of a server's user for the connections that follow. */
  savePassword(address: string, password: string): Promise<void>
  /** Adds a database to the workspace, so that the window offers it. */
  openDatabase(path: string): Promise<void>
  runCommand(request: CommandRequest): Promise<CommandOutcome>
  startCommand(request: CommandRequest): Promise<RunId>
  stopRun(id: RunId): Promise<void>
  searchOutput(id: RunId, query: SearchQuery): Promise<SearchOutcome>
  makePool(name: string, concurrency: number): Promise<void>
  /** A pool of which nothing starts. */
  makePausedPool(name: string): Promise<void>
  /** Cancels what waits in a pool. @returns how many that were. */
  emptyPool(name: string): Promise<number>
  addMany(pool: string, count: number): Promise<void>
  runMany(pool: string, count: number): Promise<{ tookMs: number; done: number }>
  timeAdding(pool: string, count: number): Promise<number[]>
  timeQueuePages(limit: number): Promise<number[]>
  watchFrames(): void
  stopWatchingFrames(): FrameReport
  watchProcesses(): void
  stopWatchingProcesses(): Promise<ProcessReports>
}

declare global {
  interface Window {
    bench: BenchPage
  }
}

let frames: FrameWatch | undefined
let firstRow: FirstRowTiming | undefined
let processes: ProcessWatch | undefined

/** @throws Error when that measurement was not started. */
function started<T>(measurement: T | undefined): T {
  if (measurement === undefined) throw new Error('This measurement was not started.')
  return measurement
}

async function open(): Promise<BenchPage> {
  const sessions = await openSessions()
  const { app, service } = sessions
  return {
    settled: () => waitForSample(sessions),
    info: () => app.call('info', {}),
    runQuery: (request) => startQuery(sessions, request).outcome,
    runExport: (request) => runExport(sessions, request),
    timeCancel: (database, sql) => timeCancel(sessions, database, sql),
    timeRunGet: (id, count) => timeCalls(count, () => service.call('run.get', { id })),
    timePages: (id, from, count) =>
      timeCalls(from.length, (index) => service.call('result.rows', { id, from: from[index] ?? 0, count })),
    readIds: (id, from, count) => readIds(sessions, id, from, count),
    timeHostCalls: (request) => timeHostCalls(sessions, request),
    timeFirstRow(text) {
      firstRow = timeFirstRow(text)
    },
    firstRowMs: () => started(firstRow).tookMs,
    timeJump,
    async savePassword(address, password) {
      await service.call('database.savePassword', { address, password })
    },
    async openDatabase(path) {
      await service.call('database.open', { path, mode: 'read-only' })
    },
    runCommand: (request) => runCommand(sessions, request),
    startCommand: (request) => startCommand(sessions, request),
    async stopRun(id) {
      await service.call('run.cancel', { id })
    },
    searchOutput: (id, query) => searchOutput(sessions, id, query),
    makePool: (name, concurrency) => makePool(sessions, name, concurrency),
    async makePausedPool(name) {
      await makePool(sessions, name, 1)
      await service.call('pool.change', { name, how: 'pause' })
    },
    async emptyPool(name) {
      const { pools } = await service.call('pools.list', {})
      await service.call('pool.change', { name, how: 'terminate' })
      return pools.find((pool) => pool.name === name)?.queued ?? 0
    },
    async addMany(pool, count) {
      await addMany(sessions, pool, count)
    },
    runMany: (pool, count) => runMany(sessions, pool, count),
    timeAdding: (pool, count) => timeAdding(sessions, pool, count),
    timeQueuePages: (limit) => timeQueuePages(sessions, limit),
    watchFrames() {
      frames = watchFrames()
    },
    stopWatchingFrames: () => started(frames).stop(),
    watchProcesses() {
      processes = watchProcesses(sessions)
    },
    stopWatchingProcesses: () => started(processes).stop(),
  }
}

/** Awaited by whoever brings this code into the page. */
export const opened = open().then((bench) => {
  window.bench = bench
})
