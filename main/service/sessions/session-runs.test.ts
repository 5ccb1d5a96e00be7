import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, it, onTestFinished } from 'vitest'
import type { PlanStep } from '#contract/database.ts'
import type { Run } from '#contract/run.ts'
import type { Commits, OpenTransaction } from '#contract/statement.ts'
import {
  ENDLESS,
  failureIn,
  isExtensionBuilt,
  NUMBERS,
  setUp,
  type Setup,
} from '../queries/query-runs-fixture.ts'

const CHANGE_MANY = `INSERT INTO t ${NUMBERS} SELECT i FROM n`

interface TestSession {
  readonly setup: Setup
  readonly path: string
  /** Runs a statement on the connection. */
  run(sql: string, commits?: Commits, signal?: AbortSignal): Promise<Run>
  transaction(): Promise<OpenTransaction | null>
  explain(sql: string): Promise<{ steps: PlanStep[] }>
  execute(sql: string): Promise<unknown>
  /** What another program sees. */
  seen(): number
}

async function openSession(
  mode: 'read-only' | 'read-write' = 'read-write',
  extension: 'on' | 'off' = 'off',
): Promise<TestSession> {
  const setup = await setUp({ extension })
  const path = join(setup.folder, 'a.db')
  const made = new Database(path)
  made.exec('CREATE TABLE t (a INTEGER UNIQUE)')
  made.close()
  const client = setup.client()
  const closing = new AbortController()
  const open = client.stream(
    'session.open',
    { database: path, mode, create: false },
    { signal: closing.signal },
  )
  const first = await open[Symbol.asyncIterator]().next()
  if (first.done === true) throw new Error('There is no session.')
  const { session } = first.value
  onTestFinished(async () => {
    closing.abort()
    await open.result.catch(() => undefined)
  })
  return {
    setup,
    path,
    run: (sql, commits = 'auto', signal) =>
      client.stream(
        'query.run',
        { kind: 'query', database: path, mode, sql, rows: 'none', session: { id: session, commits } },
        signal ? { signal } : {},
      ).result,
    transaction: async () => (await client.call('session.state', { session })).transaction,
    explain: (sql) => client.call('query.explain', { database: path, sql, session }),
    execute: (sql) => client.stream('session.execute', { session, sql }).result,
    seen() {
      const other = new Database(path, { readonly: true })
      const count = other.prepare('SELECT count(*) FROM t').pluck().get()
      other.close()
      return Number(count)
    },
  }
}

it('runs in a session share its temporary tables and its transaction, and each has a result of its own', async () => {
  const { run, transaction, explain, seen, setup } = await openSession()
  expect((await run('CREATE TEMP TABLE mine AS SELECT 41 AS a')).state.kind).toBe('done')
  expect(await transaction()).toBeNull()
  await run('BEGIN')
  expect(await transaction()).toMatchObject({ statements: 1, failed: false })
  await run('INSERT INTO t SELECT a + 1 FROM mine')
  const read = await run('SELECT a FROM t')
  expect(read).toMatchObject({ state: { kind: 'done' }, progress: { rows: 1 } })
  expect(await transaction()).toMatchObject({ statements: 3 })
  expect(seen()).toBe(0)
  expect((await explain('SELECT a FROM mine')).steps).toMatchObject([{ scan: true }])
  expect(await transaction()).toMatchObject({ statements: 3 })
  await run('COMMIT')
  expect(await transaction()).toBeNull()
  expect(seen()).toBe(1)
  // Another connection knows nothing of it.
  expect(failureIn((await setup.start('SELECT a FROM mine').result).state)).toMatchObject({
    code: 'database',
  })
})

it('with manual commits nothing commits by itself, and reading begins nothing', async () => {
  const { run, transaction, execute, seen } = await openSession()
  await run('SELECT count(*) FROM t', 'manual')
  expect(await transaction()).toBeNull()
  await run('INSERT INTO t VALUES (1)', 'manual')
  const since = (await transaction())?.since
  await run('INSERT INTO t VALUES (2) RETURNING a', 'manual')
  expect(await transaction()).toMatchObject({ since, statements: 2 })
  expect(seen()).toBe(0)
  await execute('ROLLBACK')
  expect(await transaction()).toBeNull()
  expect(seen()).toBe(0)
  await run('INSERT INTO t VALUES (3)', 'manual')
  await execute('COMMIT')
  expect(seen()).toBe(1)
})

it('a statement that fails takes back what it had changed itself, and leaves the transaction before it', async () => {
  const { run, transaction, execute, seen } = await openSession()
  await run('INSERT INTO t VALUES (1), (1)', 'manual')
  expect(await transaction()).toBeNull()
  await run('INSERT INTO t VALUES (1)', 'manual')
  const failed = await run('INSERT INTO t VALUES (2), (1) RETURNING a', 'manual')
  expect(failureIn(failed.state)).toMatchObject({ details: { engineCode: 'SQLITE_CONSTRAINT_UNIQUE' } })
  expect(await transaction()).toMatchObject({ failed: false })
  await execute('COMMIT')
  expect(seen()).toBe(1)
})

it('makes a missing database only at the whole path of a file, and nothing beside the program', async () => {
  const client = (await setUp()).client()
  for (const database of [
    'taken-over.db',
    './taken-over.db',
    'result:1',
    'history:',
    'file:taken-over.db?mode=rwc',
  ])
    await expect(
      client.stream('session.open', { database, mode: 'read-write', create: true }).result,
    ).rejects.toMatchObject({ code: 'invalid-params' })
})

it('leaving a session rolls back what is open', async () => {
  const { setup, path, seen } = await openSession()
  const client = setup.client()
  const closing = new AbortController()
  const open = client.stream(
    'session.open',
    { database: path, mode: 'read-write', create: false },
    { signal: closing.signal },
  )
  const first = await open[Symbol.asyncIterator]().next()
  const session = { id: first.done === true ? 0 : first.value.session, commits: 'manual' as const }
  const sql = 'INSERT INTO t VALUES (1)'
  await client.stream('query.run', {
    kind: 'query',
    database: path,
    mode: 'read-write',
    sql,
    rows: 'none',
    session,
  }).result
  closing.abort()
  await expect(open.result).rejects.toMatchObject({ code: 'cancelled' })
  expect(seen()).toBe(0)
  await expect(client.call('session.state', { session: session.id })).rejects.toMatchObject({
    code: 'not-found',
  })
})

it('a cancel between rows leaves the connection and its transaction', async () => {
  const { run, transaction, setup } = await openSession()
  await run('INSERT INTO t VALUES (1)', 'manual')
  const cancelling = new AbortController()
  const stop = setup.store.watch((each) => {
    if (each.kind === 'query' && each.spec.sql === ENDLESS && each.progress.rows > 0) cancelling.abort()
  })
  const { state } = await run(ENDLESS, 'manual', cancelling.signal)
  stop()
  expect(state).toMatchObject({ kind: 'cancelled', how: 'between-rows' })
  expect(await transaction()).toMatchObject({ statements: 2, failed: false })
})

it('a process that has to be ended takes its session along, and the file is whole again for others', async () => {
  const { run, transaction, setup, path, seen } = await openSession()
  await run('INSERT INTO t VALUES (-1)', 'manual')
  const cancelling = new AbortController()
  const stop = setup.store.watch((each) => {
    if (each.kind === 'query' && each.spec.sql === CHANGE_MANY && each.progress.columns) cancelling.abort()
  })
  const { state } = await run(CHANGE_MANY, 'manual', cancelling.signal)
  stop()
  expect(state).toMatchObject({ kind: 'cancelled', how: 'process-ended' })
  await expect(transaction()).rejects.toMatchObject({
    code: expect.stringMatching(/not-found|host-lost/) as string,
  })
  const check = await setup.start('PRAGMA integrity_check', { database: path }).result
  expect(check.state.kind).toBe('done')
  expect(seen()).toBe(0)
})

it.skipIf(!isExtensionBuilt)(
  'a cancel inside a change leaves the connection, but not the transaction, which SQLite rolls back whole',
  async () => {
    const { run, transaction, setup, seen } = await openSession('read-write', 'on')
    await run('INSERT INTO t VALUES (-1)', 'manual')
    const cancelling = new AbortController()
    const stop = setup.store.watch((each) => {
      if (each.kind === 'query' && each.spec.sql === CHANGE_MANY && each.progress.columns) cancelling.abort()
    })
    const { state } = await run(CHANGE_MANY, 'manual', cancelling.signal)
    stop()
    expect(state).toMatchObject({ kind: 'cancelled', how: 'interrupted' })
    expect(await transaction()).toBeNull()
    expect((await run('INSERT INTO t VALUES (7)')).state.kind).toBe('done')
    expect(seen()).toBe(1)
  },
)

it('runs of one session run in their order, and the second says that it waits', async () => {
  const { run, setup } = await openSession()
  const reasons: string[] = []
  const stop = setup.store.watch(({ state }) => {
    if (state.kind === 'queued') reasons.push(...state.reasons.map(({ kind }) => kind))
  })
  const first = run(`${NUMBERS} SELECT i FROM n LIMIT 200000`)
  const second = run('SELECT 1')
  const [{ state }, { state: later }] = await Promise.all([first, second])
  stop()
  expect(reasons).toContain('hosts-busy')
  if (state.kind !== 'done' || later.kind !== 'done') throw new Error('A run has failed.')
  expect(later.startedAt).toBeGreaterThanOrEqual(state.endedAt)
})

it('a read-only session cannot change anything, with or without a transaction', async () => {
  const { run } = await openSession('read-only')
  expect(failureIn((await run('INSERT INTO t VALUES (1)', 'manual')).state)).toMatchObject({
    details: { engineCode: 'SQLITE_READONLY' },
  })
})

it('a run in a session that has ended is refused', async () => {
  const setup = await setUp()
  const path = join(setup.folder, 'b.db')
  await writeFile(path, '')
  const run = await setup.client().stream('query.run', {
    kind: 'query',
    database: path,
    mode: 'read-only',
    sql: 'SELECT 1',
    rows: 'none',
    session: { id: 77, commits: 'auto' },
  }).result
  expect(failureIn(run.state)).toMatchObject({ code: 'not-found' })
})
