import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { RequestFailed } from '#kit/request-failed.ts'
import { DEAF, ENDLESS, setUp, until, isRunning } from './query-runs-fixture.ts'

const FILLED = `CREATE TABLE t (a, b); INSERT INTO t ${ENDLESS.replace('SELECT i FROM n', 'SELECT i, randomblob(500) FROM n LIMIT 40000')}`

/** What a promise fails with, for a person. */
async function messageOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => 'it did not fail',
    (thrown: unknown) => thrown,
  )
  return error instanceof RequestFailed ? `${error.code}: ${error.message}` : String(error)
}

/** What the sqlite3 shell answers. */
async function shell(path: string, sql: string): Promise<string> {
  const child = spawn('sqlite3', [path, sql], { stdio: ['ignore', 'pipe', 'inherit'] })
  const texts: string[] = []
  child.stdout.on('data', (data: Buffer) => texts.push(data.toString()))
  await once(child, 'close')
  return texts.join('').trim()
}

it('tells the size of a database, and of its log while there is one', async () => {
  const { client, make } = await setUp()
  const path = await make('a.db', 'CREATE TABLE t (a)')
  expect(await client().call('database.files', { path })).toEqual({ bytes: 8_192, walBytes: null })
  const logged = new Database(await make('b.db', 'PRAGMA journal_mode = wal; CREATE TABLE t (a)'))
  logged.exec('INSERT INTO t VALUES (1)')
  const { walBytes } = await client().call('database.files', { path: logged.name })
  expect(walBytes).toBeGreaterThan(0)
  logged.close()
  for (const none of [`${path}.gone`, `${path}\0`, `/${'a'.repeat(5_000)}`, `${path}/inside`])
    expect(await messageOf(client().call('database.files', { path: none }))).toContain('not-found')
  expect(await messageOf(client().call('database.files', { path: 'postgres://ann@db/shop' }))).toContain(
    'invalid-params',
  )
})

describe('a backup', () => {
  it('is the whole database, tells how far it is, and appears under its name when it is done', async () => {
    const { client, make, folder } = await setUp()
    const path = await make('a.db', FILLED)
    const to = join(folder, 'copy.db')
    const backup = client().stream('database.backup', { path, to, replace: false })
    let last = 0
    for await (const { done, total } of backup) {
      expect(done).toBeGreaterThanOrEqual(last)
      expect(total).toBeGreaterThan(5_000)
      expect(await readdir(folder)).not.toContain('copy.db')
      last = done
    }
    const { done, total } = await backup.result
    expect(done).toBe(total)
    expect(await shell(to, 'PRAGMA integrity_check; SELECT count(*) FROM t')).toBe('ok\n40000')
    expect((await readdir(folder)).filter((name) => name.includes('copy'))).toEqual(['copy.db'])
  })

  it('replaces a file only when that was asked for, and never the database itself', async () => {
    const { client, make, folder } = await setUp()
    const path = await make('a.db', 'CREATE TABLE t (a)')
    const to = join(folder, 'copy.db')
    await writeFile(to, 'something dear')
    const back = (place: string, replace: boolean): Promise<unknown> =>
      client().stream('database.backup', { path, to: place, replace }).result
    expect(await messageOf(back(to, false))).toContain('invalid-params: There is a file')
    expect(await readFile(to, 'utf8')).toBe('something dear')
    expect(await messageOf(back(path, true))).toContain('is the database itself')
    expect(await messageOf(back('copy.db', true))).toContain('absolute path')
    expect(await messageOf(back(join(folder, 'nowhere', 'copy.db'), true))).toContain('There is no folder')
    await mkdir(join(folder, 'results'), { recursive: true })
    expect(await messageOf(back(join(folder, 'results'), true))).toContain('not an ordinary file')
    await back(to, true)
    expect(await shell(to, 'PRAGMA integrity_check; SELECT name FROM sqlite_schema')).toBe('ok\nt')
  })

  it('leaves nothing behind when it is cancelled', async () => {
    const { client, make, folder } = await setUp()
    const path = await make('a.db', FILLED)
    const cancelling = new AbortController()
    const before = await readdir(folder)
    const backup = client().stream(
      'database.backup',
      { path, to: join(folder, 'copy.db'), replace: false },
      { signal: cancelling.signal },
    )
    const failing = messageOf(backup.result)
    const first = await backup[Symbol.asyncIterator]().next()
    expect(first.done).toBe(false)
    cancelling.abort()
    expect(await failing).toContain('cancelled')
    expect(await readdir(folder)).toEqual(before)
  })
})

describe('counting rows', () => {
  it('counts table by table, says null where it cannot, and waits for no query', async () => {
    const { client, make, start, runs, store } = await setUp({ hostLimit: 1 })
    const path = await make(
      'a.db',
      `${FILLED}; CREATE TABLE "we""ird" (x); CREATE VIEW broken AS SELECT * FROM gone`,
    )
    const running = until(store, isRunning)
    const query = start(DEAF, { database: path })
    const { id } = await running
    const counts = client().stream('database.counts', { path, tables: ['t', 'we"ird', 'broken', 'nope'] })
    const counted = []
    for await (const count of counts) counted.push(count)
    await counts.result
    expect(counted).toEqual([
      { table: 't', rows: 40_000 },
      { table: 'we"ird', rows: 0 },
      { table: 'broken', rows: null },
      { table: 'nope', rows: null },
    ])
    await runs.cancel(id)
    await query.result
  })

  it('stops within 1 s inside a count when it is cancelled, and its process is gone', async () => {
    const { client, make, broker } = await setUp()
    const path = await make('a.db', `CREATE TABLE t (a); CREATE VIEW endless AS ${ENDLESS}`)
    const cancelling = new AbortController()
    const counts = client().stream(
      'database.counts',
      { path, tables: ['t', 'endless'] },
      { signal: cancelling.signal },
    )
    const failing = messageOf(counts.result)
    await counts[Symbol.asyncIterator]().next()
    const begun = performance.now()
    cancelling.abort()
    expect(await failing).toContain('cancelled')
    expect(performance.now() - begun).toBeLessThan(1_000)
    expect(broker.hosts.size).toBe(0)
  })
})

it('pragmas are read, and set in the file itself', async () => {
  const { client, make } = await setUp()
  const path = await make('a.db', 'CREATE TABLE t (a)')
  await client().call('database.setPragma', { path, name: 'user_version', value: '42' })
  const { pragmas } = await client().call('database.pragmas', { path, mode: 'read-only' })
  expect(pragmas.find(({ name }) => name === 'user_version')).toMatchObject({ value: '42', editable: false })
  expect(await shell(path, 'PRAGMA user_version')).toBe('42')
})

it('a plan is told while queries run, and parameters are found without any database', async () => {
  const { client, make } = await setUp()
  const database = await make('a.db', 'CREATE TABLE t (a)')
  const sql = 'SELECT * FROM t WHERE a = :a AND a = ?'
  expect((await client().call('query.explain', { database, sql })).steps).toMatchObject([{ scan: true }])
  expect((await client().call('query.parameters', { sql })).parameters).toEqual([
    { index: 1, name: 'a', text: ':a' },
    { index: 2, name: null, text: '?' },
  ])
})

it('how long a query may take is estimated from its own runs that were done, on the same database', async () => {
  const { client, make, start } = await setUp()
  const database = await make('a.db', 'CREATE TABLE t (a)')
  const other = await make('b.db', 'CREATE TABLE t (a)')
  const sql = `${ENDLESS} LIMIT 1000 -- "quoted" \\ größer`
  const estimate = (): Promise<{ durationMs: number | null; basedOn: number }> =>
    client().call('query.estimate', { database, sql })
  expect(await estimate()).toEqual({ durationMs: null, basedOn: 0 })
  await start(sql, { database: other }).result
  await start(`${sql} `, { database }).result
  await start(sql, { database: join(database, 'missing') }).result
  expect(await estimate()).toEqual({ durationMs: null, basedOn: 0 })
  const durations = []
  for (let i = 0; i < 6; i += 1) {
    const { state } = await start(sql, { database }).result
    durations.push(state.kind === 'done' ? state.durationMs : -1)
  }
  const lastFive = durations.slice(1).sort((a, b) => a - b)
  expect(await estimate()).toEqual({ durationMs: lastFive[2], basedOn: 5 })
})

it('checks, ANALYZE, REINDEX and VACUUM are runs like any other', async () => {
  const { make, start } = await setUp()
  const database = await make('a.db', `${FILLED}; CREATE INDEX t_b ON t (b)`)
  for (const sql of ['ANALYZE', 'REINDEX', 'VACUUM', 'PRAGMA integrity_check', 'PRAGMA quick_check']) {
    const run = await start(sql, { database, mode: 'read-write' }).result
    expect(run.state.kind, sql).toBe('done')
    expect(run.kind === 'query' && run.progress.rows, sql).toBe(sql.endsWith('check') ? 1 : 0)
  }
  expect(await shell(database, 'PRAGMA integrity_check; SELECT count(*) FROM t')).toBe('ok\n40000')
})
