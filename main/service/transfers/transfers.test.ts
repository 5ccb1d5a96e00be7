import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { MessageChannel } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import type { Run } from '#contract/run.ts'
import { serviceContract } from '#contract/service.ts'
import type { ExportFormat, ExportWork, FileTransferSpec } from '#contract/transfer.ts'
import { connect, type Client } from '#kit/client.ts'
import { dialWithEnvelopes } from '#kit/dial.ts'
import { nodePort } from '#kit/node-port.ts'
import { serve } from '#kit/serve.ts'
import { openFixture, temporaryFolder } from '../app-database/database-fixture.ts'
import { HOST_MEMORY, type HostMemory } from '../queries/guard-memory.ts'
import { openTestBroker, type TestBroker } from '../queries/broker-fixture.ts'
import { failureIn, isExtensionBuilt, isRunning, NUMBERS, until } from '../queries/query-runs-fixture.ts'
import { putResult, resultBytes } from '../results/result-fixture.ts'
import { openRunStore } from '../runs/open-run-store.ts'
import type { RunStore } from '../runs/run-store.ts'
import { NO_POOLS } from '../scheduler/no-pools-fixture.ts'
import { openTransfers, type Transfers } from './transfers.ts'

const CSV: ExportFormat = { kind: 'csv', header: true, bom: false, nullText: '', quotes: 'needed' }
/** Never ends, and never returns to JavaScript. */
const DEAF = `${NUMBERS} SELECT max(i) FROM n`

const transferContract = {
  'transfer.run': serviceContract['transfer.run'],
  'import.preview': serviceContract['import.preview'],
}

interface Setup {
  readonly transfers: Transfers
  readonly store: RunStore
  readonly broker: TestBroker
  readonly client: Client<typeof transferContract>
  /** Has the files that exports make, and nothing else. */
  readonly folder: string
  readonly database: string
  readonly resultPath: (id: number) => string
  readonly run: (transfer: FileTransferSpec['transfer'], signal?: AbortSignal) => Promise<Run>
  readonly exportOf: (sql: string, changes?: Partial<ExportWork>) => ExportWork
}

async function setUp(extension: 'on' | 'off' = 'off', memory?: HostMemory): Promise<Setup> {
  const profile = await temporaryFolder()
  const folder = join(profile, 'exports')
  await mkdir(folder)
  const store = await openRunStore(await openFixture(profile), (message) => {
    throw new Error(message)
  })
  const broker = openTestBroker(extension)
  onTestFinished(() => broker.close())
  const resultPath = (id: number): string => join(profile, String(id))
  const trouble: string[] = []
  const transfers = openTransfers({
    store,
    scheduler: NO_POOLS,
    broker: broker.client,
    resultPath,
    pipeEnd: () => Promise.reject(new Error('There are no pipes here.')),
    ...(memory ? { memory } : {}),
    onTrouble: (message, cause) => trouble.push(`${message} ${String(cause)}`),
  })
  onTestFinished(async () => {
    await transfers.close()
    await store.close()
    expect(trouble).toEqual([])
  })
  const { port1, port2 } = new MessageChannel()
  const session = nodePort(port1)
  serve(transferContract, nodePort(port2), transfers.handlers)
  onTestFinished(() => session.close())
  const client = connect(transferContract, session, dialWithEnvelopes(session))
  const database = join(profile, 'data.db')
  await shell(database, "CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 'x'), (2, 'y')")
  return {
    transfers,
    store,
    broker,
    client,
    folder,
    database,
    resultPath,
    run: (transfer, signal) =>
      client.stream('transfer.run', { kind: 'transfer', transfer }, signal ? { signal } : {}).result,
    exportOf: (sql, changes) => ({
      kind: 'export',
      source: { kind: 'query', database, sql },
      file: join(folder, 'out.csv'),
      replace: false,
      format: CSV,
      ...changes,
    }),
  }
}

async function shell(database: string, sql: string): Promise<string> {
  const child = spawn('sqlite3', [database, sql], { stdio: ['ignore', 'pipe', 'inherit'] })
  const pieces: Buffer[] = []
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece))
  await once(child, 'close')
  return Buffer.concat(pieces).toString()
}

test('an export of a query is a run in the history, and its file is there when it is done', async () => {
  const { run, store, folder, exportOf } = await setUp()
  const done = await run(exportOf('SELECT * FROM t'))
  expect(done).toMatchObject({ kind: 'transfer', state: { kind: 'done' }, progress: { rows: 2, bytes: 12 } })
  expect(await readFile(join(folder, 'out.csv'), 'utf8')).toBe('a,b\n1,x\n2,y\n')
  expect(await readdir(folder)).toEqual(['out.csv'])
  expect((await store.list({ limit: 10 })).runs).toEqual([done])
})

test('an export replaces a file only when it may, and refuses places where none can be', async () => {
  const { run, folder, exportOf } = await setUp()
  await writeFile(join(folder, 'out.csv'), 'mine')
  const refused = await run(exportOf('SELECT 1'))
  expect(failureIn(refused.state)).toMatchObject({
    code: 'invalid-params',
    message: expect.stringContaining('already') as string,
  })
  expect(await readFile(join(folder, 'out.csv'), 'utf8')).toBe('mine')
  expect((await run(exportOf('SELECT 1', { replace: true }))).state.kind).toBe('done')
  expect(await readFile(join(folder, 'out.csv'), 'utf8')).toBe('1\n1\n')
  const nowhere = await run(exportOf('SELECT 1', { file: join(folder, 'none', 'x.csv') }))
  expect(failureIn(nowhere.state)).toMatchObject({ message: expect.stringContaining('no folder') as string })
  const wrong = await run(exportOf('SELEC 1', { file: join(folder, 'wrong.csv') }))
  expect(failureIn(wrong.state)).toMatchObject({ code: 'database' })
  expect(await readdir(folder)).toEqual(['out.csv'])
})

test('a finished result is exported without running its query again', async () => {
  const { run, store, folder, database, resultPath, exportOf } = await setUp()
  const { id } = await store.create({ kind: 'query', database, mode: 'read-only', sql: 'SELECT gone' })
  await putResult(resultPath(id), resultBytes(['a', 'b'], [[[1n, 'x']], [[2n, null]]]))
  const source = { kind: 'result', run: id } as const
  const early = await run(exportOf('', { source }))
  expect(failureIn(early.state)).toMatchObject({
    message: expect.stringContaining('has not ended') as string,
  })
  await store.transition(id, { kind: 'running', startedAt: 0, stopping: false, adopted: false })
  store.progress(id, { columns: [], rows: 2, bytes: 0, changes: null })
  await store.transition(id, { kind: 'done', startedAt: 0, endedAt: 1, durationMs: 1 })
  const done = await run(exportOf('', { source, columns: [1] }))
  expect(done).toMatchObject({ state: { kind: 'done' }, progress: { rows: 2, total: 2 } })
  expect(await readFile(join(folder, 'out.csv'), 'utf8')).toBe('b\nx\n\n')
  const missing = await run(exportOf('', { source: { kind: 'result', run: 999 }, replace: true }))
  expect(failureIn(missing.state)).toMatchObject({ code: 'not-found' })
})

test('a cancelled export leaves nothing, whether between two rows or inside a statement', async () => {
  const { run, transfers, store, folder, exportOf } = await setUp()
  const growing = until(store, ({ kind, progress }) => kind === 'transfer' && progress.bytes > 0)
  const endless = run(exportOf(`${NUMBERS} SELECT i FROM n`))
  const { id } = await growing
  await transfers.cancel(id)
  expect((await endless).state).toMatchObject({ kind: 'cancelled', how: 'between-rows' })
  expect(await readdir(folder)).toEqual([])

  const cancelling = new AbortController()
  const running = until(store, isRunning)
  const deaf = run(exportOf(DEAF), cancelling.signal)
  await running
  const begun = performance.now()
  cancelling.abort()
  expect((await deaf).state).toMatchObject({ kind: 'cancelled' })
  expect(performance.now() - begun).toBeLessThan(1_000)
  expect(await readdir(folder)).toEqual([])
})

test('an import is previewed, then runs, and a cancel or a killed process takes all of it back', async () => {
  const { run, client, transfers, store, broker, folder, database } = await setUp()
  const file = join(folder, 'in.csv')
  await writeFile(file, `id,name\n${'1,some name\n'.repeat(1_000_000)}`)
  const { format, columns } = await client.call('import.preview', { database, file })
  expect(columns.map(({ name, type }) => [name, type])).toEqual([
    ['id', 'integer'],
    ['name', 'text'],
  ])
  const work = { kind: 'import', database, table: 'people', create: true, file, format, columns } as const
  const growing = (): Promise<Run> =>
    until(
      store,
      ({ kind, progress, state }) => kind === 'transfer' && progress.bytes > 0 && state.kind === 'running',
    )

  const first = growing()
  const cancelled = run(work)
  await transfers.cancel((await first).id)
  expect((await cancelled).state).toMatchObject({ kind: 'cancelled' })

  const second = growing()
  const killed = run(work)
  await second
  for (const host of broker.hosts.values()) host.kill('SIGKILL')
  expect(failureIn((await killed).state)).toMatchObject({
    code: 'host-lost',
    message: expect.stringContaining('Nothing was imported') as string,
  })
  expect(await shell(database, 'PRAGMA integrity_check; SELECT name FROM sqlite_schema')).toBe('ok\nt\n')

  const done = await run(work)
  expect(done).toMatchObject({ state: { kind: 'done' }, progress: { rows: 1_000_000 } })
  expect(await shell(database, 'SELECT count(*), sum(id) FROM people')).toBe('1000000|1000000\n')
})

test.skipIf(!isExtensionBuilt)('an export and an import are stopped inside a statement', async () => {
  const { run, store, folder, database, exportOf } = await setUp('on')
  const stopped = async (transfer: FileTransferSpec['transfer']): Promise<void> => {
    // Before its statement has begun it stops between rows, and nothing tells when that has: so each try waits longer.
    for (let waitMs = 50; waitMs < 2_000; waitMs *= 2) {
      const cancelling = new AbortController()
      const running = until(store, isRunning)
      const deaf = run(transfer, cancelling.signal)
      await running
      await sleep(waitMs)
      cancelling.abort()
      const { state } = await deaf
      expect(state.kind).toBe('cancelled')
      if ('how' in state && state.how === 'interrupted') return
    }
    throw new Error('It was never stopped inside its statement.')
  }
  await stopped(exportOf(DEAF))
  // A trigger cannot have a recursive query; rows of a table with each other are enough.
  await shell(
    database,
    `CREATE TABLE slow (a); CREATE TABLE many AS ${NUMBERS} SELECT i FROM n LIMIT 2000;
     CREATE TRIGGER deaf AFTER INSERT ON slow BEGIN SELECT max(x.i + y.i + z.i) FROM many x, many y, many z; END`,
  )
  const file = join(folder, 'in.csv')
  await writeFile(file, 'a\n1\n')
  const columns = [{ name: 'a', type: 'integer' as const }]
  const format = { kind: 'csv', separator: ',', header: true, nullText: '', rows: 'strict' } as const
  await stopped({ kind: 'import', database, table: 'slow', create: false, file, format, columns })
  expect(await shell(database, 'PRAGMA integrity_check; SELECT count(*) FROM slow')).toBe('ok\n0\n')
})

test('an export that fills memory has its process ended, leaves nothing, and says so', async () => {
  const { run, folder, exportOf } = await setUp('off', { ...HOST_MEMORY, limitBytes: 300 * 1024 ** 2 })
  const { state } = await run(exportOf('SELECT length(hex(randomblob(450000000)))'))
  expect(failureIn(state)).toMatchObject({
    code: 'host-lost',
    message: expect.stringContaining('needed more than 300 MB of memory') as string,
  })
  expect(await readdir(folder)).toEqual([])
})

test('a transfer that the service before has left becomes lost, and its unfinished file is removed', async () => {
  const { transfers, store, folder, exportOf } = await setUp()
  const { id } = await store.create({ kind: 'transfer', transfer: exportOf('SELECT 1') })
  await writeFile(join(folder, `out.csv.${id}.part`), 'half')
  await transfers.reconcile()
  expect((await store.get(id))?.state).toMatchObject({ kind: 'lost' })
  expect(await readdir(folder)).toEqual([])
})
