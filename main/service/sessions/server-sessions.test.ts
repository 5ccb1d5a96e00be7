import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Run } from '#contract/run.ts'
import type { Commits, OpenTransaction } from '#contract/statement.ts'
import { noServer, PASSWORD, startServer, USER, type TestServer } from '#kit/postgres-server-fixture.ts'
import { failureIn, setUp, until, type Setup } from '../queries/query-runs-fixture.ts'

const NEW_PASSWORD = 'new horse'

let server: TestServer

interface TestSession {
  readonly id: number
  /** Runs a statement on the connection. */
  run(sql: string, commits?: Commits, signal?: AbortSignal): Promise<Run>
  transaction(): Promise<OpenTransaction | null>
  /** Settles when the session has ended. */
  readonly ended: Promise<unknown>
}

async function openSession(
  setup: Setup,
  mode: 'read-only' | 'read-write' = 'read-write',
): Promise<TestSession> {
  const client = setup.client()
  const database = server.address()
  const closing = new AbortController()
  const open = client.stream('session.open', { database, mode, create: false }, { signal: closing.signal })
  const ended = open.result.catch((error: unknown) => error)
  onTestFinished(async () => {
    closing.abort()
    await ended
  })
  const first = await open[Symbol.asyncIterator]().next()
  if (first.done === true) throw new Error('There is no session.')
  const { session } = first.value
  return {
    id: session,
    run: (sql, commits = 'auto', signal) =>
      client.stream(
        'query.run',
        { kind: 'query', database, mode, sql, rows: 'none', session: { id: session, commits } },
        signal ? { signal } : {},
      ).result,
    transaction: async () => (await client.call('session.state', { session })).transaction,
    ended,
  }
}

async function countOf(setup: Setup, table: string): Promise<number> {
  const run = await setup.start(`SELECT 1 FROM ${table}`, { database: server.address() }).result
  return run.kind === 'query' ? run.progress.rows : -1
}

describe.skipIf(noServer)(
  `sessions on a PostgreSQL server${noServer ? ` (left out: ${noServer})` : ''}`,
  () => {
    beforeAll(async () => {
      server = await startServer()
    }, 60_000)
    afterAll(() => server.remove())

    it('share one process, and each has its own temporary tables, transaction and results', async () => {
      const setup = await setUp({ secret: PASSWORD })
      const one = await openSession(setup)
      const two = await openSession(setup)
      await one.run('CREATE TEMP TABLE mine AS SELECT 41 AS a')
      await one.run('CREATE TABLE t (a int UNIQUE)')
      await one.run('BEGIN')
      await one.run('INSERT INTO t SELECT a + 1 FROM mine')
      expect(await one.run('SELECT a FROM t')).toMatchObject({
        state: { kind: 'done' },
        progress: { rows: 1 },
      })
      expect(await one.transaction()).toMatchObject({ statements: 3, failed: false })
      expect(failureIn((await two.run('SELECT a FROM mine')).state)).toMatchObject({
        details: { engineCode: '42P01' },
      })
      expect(await countOf(setup, 't')).toBe(0)
      await one.run('COMMIT')
      expect(await one.transaction()).toBeNull()
      expect(await countOf(setup, 't')).toBe(1)
      // One for the sessions, one for the query beside them.
      expect(setup.broker.forked).toBe(2)
    })

    it('with manual commits nothing commits by itself, reading begins nothing, and an error shows', async () => {
      const setup = await setUp({ secret: PASSWORD })
      const { run, transaction } = await openSession(setup)
      await run('CREATE TABLE m (a int UNIQUE)')
      await run('SELECT * FROM m', 'manual')
      expect(await transaction()).toBeNull()
      await run('INSERT INTO m VALUES (1), (1)', 'manual')
      expect(await transaction()).toBeNull()
      await run('INSERT INTO m VALUES (1)', 'manual')
      expect(await transaction()).toMatchObject({ statements: 1, failed: false })
      expect(await countOf(setup, 'm')).toBe(0)
      const failing = await run('INSERT INTO m VALUES (1)', 'manual')
      expect(failureIn(failing.state)).toMatchObject({ details: { engineCode: '23505' } })
      expect(await transaction()).toMatchObject({ statements: 2, failed: true })
      await run('ROLLBACK', 'manual')
      expect(await transaction()).toBeNull()
      await run('INSERT INTO m VALUES (1)', 'manual')
      await run('COMMIT', 'manual')
      expect(await countOf(setup, 'm')).toBe(1)
    })

    it('a cancel and a time limit stop the statement alone; what the server said is kept with the run', async () => {
      const setup = await setUp({ secret: PASSWORD })
      const { run, transaction } = await openSession(setup)
      await run('CREATE TABLE c (a int)')
      await run('BEGIN')
      await run('INSERT INTO c VALUES (1)')
      await run('SAVEPOINT before')
      const cancelling = new AbortController()
      const sql = `DO $$ BEGIN RAISE NOTICE 'asleep'; PERFORM pg_sleep(3600); END $$`
      const heard = until(setup.store, (each) => each.kind === 'query' && !!each.progress.notices)
      const running = run(sql, 'auto', cancelling.signal)
      await heard
      cancelling.abort()
      const stopped = await running
      expect(stopped).toMatchObject({
        state: { kind: 'cancelled', how: 'interrupted' },
        progress: { notices: [{ severity: 'NOTICE', message: 'asleep' }] },
      })
      expect(await setup.store.get(stopped.id)).toMatchObject({
        progress: { notices: [{ message: 'asleep' }] },
      })
      expect(await transaction()).toMatchObject({ failed: true })
      await run('ROLLBACK TO before')
      await run('COMMIT')
      expect(await countOf(setup, 'c')).toBe(1)
    })

    it('end when the server does, and say so; another one works when it is back', async () => {
      const setup = await setUp({ secret: PASSWORD })
      const session = await openSession(setup)
      await session.run('BEGIN')
      await server.stop('SIGQUIT')
      expect(await session.ended).toMatchObject({ code: 'host-lost' })
      await server.start()
      expect(failureIn((await session.run('SELECT 1')).state)).toMatchObject({ code: 'not-found' })
      const other = await openSession(setup)
      expect((await other.run('SELECT 1')).state.kind).toBe('done')
    }, 60_000)

    it('end at once when the server ends the connection while nothing runs, and others go on', async () => {
      const setup = await setUp({ secret: PASSWORD })
      const one = await openSession(setup)
      const two = await openSession(setup)
      await two.run('SELECT 1')
      await one.run(`SET idle_in_transaction_session_timeout = '50ms'`)
      await one.run('BEGIN')
      expect(await one.ended).toMatchObject({ code: 'host-lost' })
      expect((await two.run('SELECT 1')).state.kind).toBe('done')
    })

    it('explain statements with their temporary tables, and leave a transaction as it is', async () => {
      const setup = await setUp({ secret: PASSWORD })
      const { id, run, transaction } = await openSession(setup)
      const explain = (sql: string) =>
        setup.client().call('query.explain', { database: server.address(), sql, session: id })
      await run('CREATE TEMP TABLE seen_here (a int)')
      const plan = await explain('SELECT * FROM seen_here WHERE a = $1')
      expect(plan.steps).toMatchObject([{ scan: true }])
      expect(await transaction()).toBeNull()
      await run('BEGIN')
      await run('CREATE TEMP TABLE seen_now (a int)')
      expect((await explain('SELECT * FROM seen_now WHERE a = $1')).steps).toMatchObject([{ scan: true }])
      await expect(explain('SELECT * FROM never')).rejects.toMatchObject({
        failure: { details: { engineCode: '42P01', position: 14 } },
      })
      expect(await transaction()).toMatchObject({ statements: 2, failed: false })
      expect((await run('INSERT INTO seen_now VALUES (1)')).state.kind).toBe('done')
      // A session of its own does not see them.
      const other = await openSession(setup)
      await expect(
        setup.client().call('query.explain', {
          database: server.address(),
          sql: 'SELECT * FROM seen_here',
          session: other.id,
        }),
      ).rejects.toMatchObject({ failure: { details: { engineCode: '42P01' } } })
    })

    it('are not made together with a database, which only a statement makes', async () => {
      const setup = await setUp({ secret: PASSWORD })
      const open = setup
        .client()
        .stream('session.open', { database: server.address(), mode: 'read-write', create: true })
      await expect(open.result).rejects.toMatchObject({ code: 'invalid-params' })
    })

    it('a password that is saved anew is used by the next connection, in the process that is there', async () => {
      const setup = await setUp({ secret: PASSWORD })
      const client = setup.client()
      const database = server.address()
      const session = await openSession(setup)
      const alter = (password: string): Promise<Run> =>
        session.run(`ALTER ROLE ${USER} PASSWORD '${password}'`)
      await setup.start('SELECT 1', { database }).result
      const { forked } = setup.broker
      expect((await alter(NEW_PASSWORD)).state.kind).toBe('done')
      onTestFinished(() => void alter(PASSWORD))
      // Four at once need more connections than are at rest, for which the old password is refused.
      const atOnce = async (): Promise<unknown[]> =>
        Promise.all(
          Array.from({ length: 4 }, async () =>
            failureIn((await setup.start('SELECT pg_sleep(0.2)', { database }).result).state),
          ),
        )
      expect(await atOnce()).toContainEqual(
        expect.objectContaining({ details: expect.objectContaining({ engineCode: '28P01' }) as unknown }),
      )
      await client.call('database.savePassword', { address: database, password: NEW_PASSWORD })
      expect(await atOnce()).toMatchObject(Array.from({ length: 4 }, () => ({ kind: 'done' })))
      const other = await openSession(setup)
      expect((await other.run('SELECT 1')).state.kind).toBe('done')
      expect(setup.broker.forked).toBe(forked)
      await client.call('database.savePassword', { address: database, password: PASSWORD })
      await alter(PASSWORD)
    })
  },
)
