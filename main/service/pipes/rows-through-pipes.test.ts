import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { PipeEnd } from '#contract/pipe.ts'
import { temporaryFolder } from '../app-database/database-fixture.ts'
import { serviceFolder } from '../commands/service-fixture.ts'
import { failureIn, NUMBERS } from '../queries/query-runs-fixture.ts'
import { pipeProcess, pipesForTest, sh } from './pipe-service-fixture.ts'
import { stopperOf } from '../runs/serve-runs.ts'

const CSV = { kind: 'csv', header: true, bom: false, nullText: '', quotes: 'needed' } as const
const CSV_IN = { kind: 'csv', separator: ',', header: true, nullText: '', rows: 'strict' } as const
const MILLION = `${NUMBERS} SELECT i, 'row ' || i AS name FROM n LIMIT 1000000`

/** Several processes take their turns on a busy machine. */
const TIMEOUT_MS = 120_000
vi.setConfig({ testTimeout: TIMEOUT_MS })

async function sql(database: string, statement: string): Promise<string> {
  const child = spawn('sqlite3', [database, statement], { stdio: ['ignore', 'pipe', 'inherit'] })
  const pieces: Buffer[] = []
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece))
  await once(child, 'close')
  return Buffer.concat(pieces).toString()
}

async function setUp() {
  const service = await pipesForTest(await serviceFolder(), 'with-hosts')
  const database = join(await temporaryFolder(), 'data.db')
  await sql(database, 'CREATE TABLE kept (a)')
  const query = (text: string): PipeEnd => ({ kind: 'query', database, sql: text, format: CSV })
  const table = (changes: Partial<Extract<PipeEnd, { kind: 'table' }>> = {}): PipeEnd => ({
    kind: 'table',
    database,
    table: 't',
    create: true,
    format: CSV_IN,
    ...changes,
  })
  return { ...service, database, query, table }
}

test('a million rows of a query go through a command into a table, and none is lost', async () => {
  const { make, over, database, query, table } = await setUp()
  const peak = watchMemory()
  const { pipes, runs } = await over(await make({ stages: [[query(MILLION)], [sh('cat')], [table()]] }))
  expect(runs.map(({ state }) => state)).toMatchObject([{ kind: 'done' }, { kind: 'done' }, { kind: 'done' }])
  expect(runs[0]?.progress).toMatchObject({ rows: 1_000_000 })
  expect(runs[2]?.progress).toMatchObject({ rows: 1_000_000 })
  expect(pipes.map(({ state }) => state.kind)).toEqual(['whole', 'whole'])
  expect(await sql(database, 'SELECT count(*), sum(i), count(DISTINCT name), typeof(i) FROM t')).toBe(
    '1000000|500000500000|1000000|integer\n',
  )
  // 17 MB went through; this process holds none of it.
  expect(peak()).toBeLessThan(64 * 1024 * 1024)
})

function watchMemory(): () => number {
  const before = process.memoryUsage().rss
  let most = before
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20)
  onTestFinished(() => clearInterval(timer))
  return () => most - before
}

test('a query waits for a command that does not read, and a cancel of either ends the other', async () => {
  const { make, over, scheduler, transfers, query, client } = await setUp()
  const full = async (id = 0): Promise<void> => {
    for await (const { size, capacity } of client.stream('pipe.watch', { id })) if (size === capacity) return
  }
  const endless = `${NUMBERS} SELECT i FROM n`
  const first = await make({ stages: [[query(endless)], [sh('exec sleep 100')]] })
  await full(first.pipes[0]?.id)
  await scheduler.cancel(first.runs[1]?.id ?? 0)
  expect((await over(first)).runs.map(({ state }) => state.kind)).toEqual(['cancelled', 'cancelled'])

  const second = await make({ stages: [[query(endless)], [sh('exec sleep 100')]] })
  await full(second.pipes[0]?.id)
  const [feed] = second.runs
  if (!feed) throw new Error('There is no run that feeds the pipe.')
  expect(stopperOf(feed)).toBe('transfer')
  await transfers?.cancel(feed.id)
  const ended = await over(second)
  expect(ended.runs.map(({ state }) => state.kind)).toEqual(['cancelled', 'cancelled'])
  expect(ended.pipes[0]?.state).toEqual({ kind: 'cut', run: second.runs[0]?.id })
})

test('a command that has seen enough ends the query without a failure', async () => {
  const { make, over, query, log } = await setUp()
  const { pipes, runs } = await over(
    await make({ stages: [[query(`${NUMBERS} SELECT i FROM n`)], [sh('head -n 3')]] }),
  )
  expect(runs.map(({ state }) => state)).toMatchObject([
    { kind: 'cancelled', how: 'between-rows' },
    { kind: 'done' },
  ])
  expect(pipes[0]?.state).toEqual({ kind: 'ended-early', run: runs[1]?.id })
  expect(await log(runs[1])).toBe('i\n1\n2\n')
})

test('a query that fails stops the command, which is not told that these were all rows', async () => {
  const { make, over, query, log } = await setUp()
  const { runs } = await over(
    await make({ stages: [[query('SELECT abs(-9223372036854775808)')], [sh('cat; echo end')]] }),
  )
  expect(runs.map(({ state }) => state.kind)).toEqual(['failed', 'cancelled'])
  expect(await log(runs[1])).toBe('')
})

test('a table has the rows only when the command has ended with 0 and all of them could be taken', async () => {
  const { make, over, database, table } = await setUp()
  const fails = await over(await make({ stages: [[sh('echo a; seq 1 10000; exit 3')], [table()]] }))
  expect(fails.runs.map(({ state }) => state.kind)).toEqual(['failed', 'cancelled'])
  const uneven = await over(
    await make({ stages: [[sh('echo a; seq 1 10000; echo 1,2; exec sleep 100')], [table()]] }),
  )
  expect(uneven.runs.map(({ state }) => state.kind)).toEqual(['cancelled', 'failed'])
  expect(failureIn(uneven.runs[1]?.state ?? { kind: 'queued', reasons: [] })).toMatchObject({
    code: 'invalid-params',
    message: expect.stringContaining('2 fields where 1') as string,
  })
  expect(await sql(database, 'SELECT name FROM sqlite_schema')).toBe('kept\n')

  const jsonl = table({ table: 'kept', create: false, format: { kind: 'jsonl' } })
  const lines = `printf '{"a":1}\\n{"a":"x"}\\n{"a":null}'`
  const good = await over(await make({ stages: [[sh(lines)], [jsonl]] }))
  expect(good.runs.map(({ state }) => state.kind)).toEqual(['done', 'done'])
  expect(await sql(database, 'SELECT a, typeof(a) FROM kept')).toBe('1|integer\nx|text\n|null\n')
})

test('after kill -9 of the service nothing of a half load is in the table, and the runs have ended clearly', async () => {
  const folder = await serviceFolder()
  const database = join(await temporaryFolder(), 'data.db')
  await sql(database, 'CREATE TABLE kept (a)')
  const first = await pipeProcess(folder, {
    stages: [
      [sh('echo a; seq 1 100000; exec sleep 100')],
      [{ kind: 'table', database, table: 't', create: true, format: CSV_IN }],
    ],
  })
  await first.kill()
  const { over } = await pipesForTest(folder, 'with-hosts')
  const { pipes, runs } = await over(first.made)
  expect(runs.map(({ state }) => state.kind)).toEqual(['cancelled', 'lost'])
  expect(pipes[0]?.state.kind).not.toBe('whole')
  expect(await sql(database, 'SELECT name FROM sqlite_schema')).toBe('kept\n')
})
