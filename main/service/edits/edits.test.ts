import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import type { Edit } from '#contract/edits.ts'
import type { Run } from '#contract/run.ts'
import { RequestFailed } from '#kit/request-failed.ts'
import { isExtensionBuilt, isRunning, NUMBERS, setUp, until } from '../queries/query-runs-fixture.ts'

const TABLE = `CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, 'x'), (2, 'y')`
/** Fires for a row with 'slow', and never ends: the edit before a commit that takes long. */
const SLOW = `${TABLE}; CREATE TRIGGER slow AFTER UPDATE ON t WHEN new.a = 'slow' BEGIN
  UPDATE t SET a = (${NUMBERS} SELECT max(i) FROM n); END`

const change = (id: number, from: string, to: string): Edit => ({
  kind: 'update',
  key: { id },
  original: { a: from },
  changes: { a: to },
})

async function failureOf(promise: Promise<unknown>): Promise<RequestFailed['failure']> {
  const thrown: unknown = await promise.then(
    () => new Error('it did not fail'),
    (error: unknown) => error,
  )
  if (thrown instanceof RequestFailed) return thrown.failure
  throw thrown
}

it('makes all edits as one run in the history, with its SQL and how many rows it changed', async () => {
  const { client, make, store, start } = await setUp()
  const database = await make('a.db', TABLE)
  const edits: Edit[] = [change(1, 'x', 'z'), { kind: 'insert', values: { a: 'new' } }]
  const planned = await client().call('edits.plan', { database, table: 't', edits })
  const { run, ...applied } = await client().call('edits.apply', { database, table: 't', edits })
  expect(applied).toEqual({ changes: 2, lastInsertRowids: ['3'] })
  expect(await store.get(run)).toMatchObject({
    spec: { kind: 'query', database, mode: 'read-write', sql: planned.sql },
    state: { kind: 'done' },
    progress: { columns: [], rows: 0, changes: 2 },
  })
  expect(await start(`SELECT 1 FROM t WHERE a IN ('z', 'new')`, { database }).result).toMatchObject({
    progress: { rows: 2 },
  })
})

it('fails with the rows that changed underneath, as the run in the history does', async () => {
  const { client, make, store, start } = await setUp()
  const database = await make('a.db', TABLE)
  await start(`UPDATE t SET a = 'other' WHERE id = 2`, { database, mode: 'read-write' }).result
  const failing = until(store, ({ state }) => state.kind === 'failed')
  const failure = await failureOf(
    client().call('edits.apply', { database, table: 't', edits: [change(1, 'x', 'z'), change(2, 'y', 'z')] }),
  )
  expect(failure).toMatchObject({ code: 'conflict', details: { edits: [{ edit: 1, trouble: 'changed' }] } })
  expect((await failing).state).toMatchObject({ cause: { failure } })
  expect(await start(`SELECT 1 FROM t WHERE a = 'z'`, { database }).result).toMatchObject({
    progress: { rows: 0 },
  })
})

it('makes no run for edits that do not fit the table, or are of what nobody can edit', async () => {
  const { client, make, store } = await setUp()
  const database = await make('a.db', TABLE)
  const edits = [change(1, 'x', 'z')]
  const fails = async (on: string, table: string): Promise<string> =>
    (await failureOf(client().call('edits.apply', { database: on, table, edits }))).code
  expect(await fails(database, 'missing')).toBe('not-found')
  expect(await fails('result:1', 't')).toBe('invalid-params')
  expect(await fails('history:/profile', 't')).toBe('invalid-params')
  expect((await store.list({ limit: 10 })).runs).toEqual([])
})

it('is cancelled inside an edit within 1 s, changes nothing, and leaves the database whole', async () => {
  const { client, make, runs, store, start } = await setUp()
  const database = await make('a.db', SLOW)
  const running = until(store, isRunning)
  const applying = failureOf(
    client().call('edits.apply', {
      database,
      table: 't',
      edits: [change(2, 'y', 'z'), change(1, 'x', 'slow')],
    }),
  )
  const { id } = await running
  const begun = performance.now()
  await runs.cancel(id)
  expect(performance.now() - begun).toBeLessThan(1_000)
  expect((await applying).code).toBe('cancelled')
  expect((await store.get(id))?.state.kind).toBe('cancelled')
  const left = await start(`SELECT 1 FROM t WHERE (id, a) IN ((1, 'x'), (2, 'y'))`, { database }).result
  expect(left).toMatchObject({ state: { kind: 'done' }, progress: { rows: 2 } })
  await client().call('edits.apply', { database, table: 't', edits: [change(2, 'y', 'z')] })
})

it('says that nothing was changed when its process is killed before the commit', async () => {
  const { client, make, broker, store, start } = await setUp()
  const database = await make('a.db', SLOW)
  const running = until(store, isRunning)
  const applying = failureOf(
    client().call('edits.apply', { database, table: 't', edits: [change(1, 'x', 'slow')] }),
  )
  const { state } = await running
  const pid = state.kind === 'running' ? state.pid : undefined
  const host = [...broker.hosts.values()].find((child) => child.pid === pid)
  if (!host) throw new Error('There is no host with the pid of the run.')
  const ended = once(host, 'exit')
  host.kill('SIGKILL')
  await ended
  expect(await applying).toMatchObject({
    code: 'host-lost',
    message: expect.stringContaining('Nothing was changed') as string,
  })
  expect(await start(`SELECT 1 FROM t WHERE a = 'x'`, { database }).result).toMatchObject({
    progress: { rows: 1 },
  })
})

it('waits in line behind queries that may write, says so, and leaves the line when it is cancelled', async () => {
  const { client, make, runs, store, start } = await setUp({ hostLimit: 1 })
  const database = await make('a.db', TABLE)
  const running = until(store, isRunning)
  const endless = start(`${NUMBERS} SELECT i FROM n`, { database, mode: 'read-write' })
  const first = await running
  const waiting = until(
    store,
    (run: Run) =>
      run.id !== first.id && run.state.kind === 'queued' && run.state.reasons[0]?.kind === 'hosts-busy',
  )
  const cancelling = new AbortController()
  const applying = failureOf(
    client().call(
      'edits.apply',
      { database, table: 't', edits: [change(1, 'x', 'z')] },
      { signal: cancelling.signal },
    ),
  )
  const { id } = await waiting
  cancelling.abort()
  expect((await applying).code).toBe('cancelled')
  expect((await store.get(id))?.state).toMatchObject({ kind: 'cancelled', how: 'before-start' })
  await runs.cancel(first.id)
  await endless.result
})

/** How often it is looked whether a commit waits for its lock: SQLite tells nobody else. */
const LOOK_MS = 20

/** Reads in another process, whose lock keeps a commit waiting; locks of the same process would not be seen. */
async function readElsewhere(database: string): Promise<{ end: () => Promise<void> }> {
  const script = `const db = new (require('better-sqlite3'))(process.argv[1]); db.exec('BEGIN; SELECT count(*) FROM t'); console.log('reading'); process.stdin.resume()`
  const reader = spawn(process.execPath, ['-e', script, database], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(reader, 'exit')
  await once(reader.stdout, 'data')
  return {
    async end() {
      reader.kill('SIGKILL')
      await ended
    },
  }
}

/** Resolves when a commit waits for readers to end: from then on SQLite lets no new one in. */
async function untilCommitWaits(database: string): Promise<void> {
  const looker = new Database(database, { timeout: 0 })
  try {
    for (;;) {
      try {
        looker.prepare('SELECT count(*) FROM t').get()
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY') return
        throw error
      }
      await delay(LOOK_MS)
    }
  } finally {
    looker.close()
  }
}

it.skipIf(!isExtensionBuilt)(
  'is stopped inside a statement, and the host is good for the next edits',
  async () => {
    const { client, make, store, broker } = await setUp({ extension: 'on' })
    const database = await make(
      'a.db',
      `${TABLE}; CREATE TABLE many AS ${NUMBERS} SELECT i FROM n LIMIT 2000;
     CREATE TRIGGER deaf AFTER UPDATE OF a ON t WHEN new.a = 'deaf'
     BEGIN SELECT max(x.i + y.i + z.i) FROM many x, many y, many z; END`,
    )
    const cancelling = new AbortController()
    const running = until(store, isRunning)
    const applying = failureOf(
      client().call(
        'edits.apply',
        { database, table: 't', edits: [change(1, 'x', 'deaf')] },
        { signal: cancelling.signal },
      ),
    )
    const { id } = await running
    cancelling.abort()
    expect(await applying).toMatchObject({ code: 'cancelled' })
    expect((await store.get(id))?.state).toMatchObject({ kind: 'cancelled' })
    const { size } = broker.hosts
    expect(
      await client().call('edits.apply', { database, table: 't', edits: [change(1, 'x', 'y')] }),
    ).toMatchObject({ changes: 1 })
    expect(broker.hosts.size).toBe(size)
  },
)

it('is not cancelled any more once the commit has begun', async () => {
  const { client, make, runs, store } = await setUp()
  const database = await make('a.db', TABLE)
  const reader = await readElsewhere(database)
  const running = until(store, isRunning)
  const applying = client().call('edits.apply', { database, table: 't', edits: [change(1, 'x', 'z')] })
  const { id } = await running
  await untilCommitWaits(database)
  const cancelled = runs.cancel(id)
  await reader.end()
  expect(await applying).toMatchObject({ changes: 1, run: id })
  await cancelled
  expect((await store.get(id))?.state.kind).toBe('done')
})

it('is lost, and says that it may have been made, when its process is killed within the commit', async () => {
  const { client, make, broker, store } = await setUp()
  const database = await make('a.db', TABLE)
  const reader = await readElsewhere(database)
  const running = until(store, isRunning)
  const applying = failureOf(
    client().call('edits.apply', { database, table: 't', edits: [change(1, 'x', 'z')] }),
  )
  const { id, state } = await running
  await untilCommitWaits(database)
  const pid = state.kind === 'running' ? state.pid : undefined
  ;[...broker.hosts.values()].find((child) => child.pid === pid)?.kill('SIGKILL')
  expect(await applying).toMatchObject({
    code: 'host-lost',
    message: expect.stringContaining('or none') as string,
  })
  expect((await store.get(id))?.state.kind).toBe('lost')
  await reader.end()
  const left = new Database(database)
  expect(left.prepare('SELECT a FROM t WHERE id = 1').pluck().get()).toBe('x')
  left.close()
})
