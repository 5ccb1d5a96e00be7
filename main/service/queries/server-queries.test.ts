import { once } from 'node:events'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { QuerySpec, Run } from '#contract/run.ts'
import { serviceContract } from '#contract/service.ts'
import { connect, type RequestStream } from '#kit/client.ts'
import { dialWithEnvelopes } from '#kit/dial.ts'
import { nodePort } from '#kit/node-port.ts'
import { noServer, PASSWORD, startServer, type TestServer } from '#kit/postgres-server-fixture.ts'
import { serve } from '#kit/serve.ts'
import { openFixture, temporaryFolder } from '../app-database/database-fixture.ts'
import { openRunStore } from '../runs/open-run-store.ts'
import { NO_POOLS } from '../scheduler/no-pools-fixture.ts'
import { openSessions } from '../sessions/sessions.ts'
import { openTestBroker, type TestBroker } from './broker-fixture.ts'
import { openQueryRuns, type QueryRuns } from './query-runs.ts'

/** As many as one person's statements on a server. */
const LIMIT = 8
const contract = { 'query.run': serviceContract['query.run'] }

let server: TestServer

interface Setup {
  readonly runs: QueryRuns
  readonly broker: TestBroker
  readonly start: (sql: string, more?: Partial<QuerySpec>, signal?: AbortSignal) => RequestStream<Run, Run>
}

async function setUp(password: string | null = PASSWORD): Promise<Setup> {
  const folder = await temporaryFolder()
  const store = await openRunStore(await openFixture(folder), (message) => {
    throw new Error(message)
  })
  const broker = openTestBroker('off', password)
  onTestFinished(() => broker.close())
  const trouble: string[] = []
  const runs = openQueryRuns({
    store,
    scheduler: NO_POOLS,
    broker: broker.client,
    sessions: openSessions(broker.client),
    resultPath: (id) => join(folder, 'results', String(id)),
    onTrouble: (message, cause) => trouble.push(`${message} ${String(cause)}`),
  })
  onTestFinished(async () => {
    await runs.close()
    await store.close()
    expect(trouble).toEqual([])
  })
  const { port1, port2 } = new MessageChannel()
  const serving = serve(contract, nodePort(port1), { 'query.run': runs.handlers['query.run'] })
  onTestFinished(() => serving.close())
  const session = nodePort(port2)
  const client = connect(contract, session, dialWithEnvelopes(session))
  return {
    runs,
    broker,
    start: (sql, more = {}, signal) =>
      client.stream(
        'query.run',
        { kind: 'query', database: server.address(), mode: 'read-write', sql, rows: 'none', ...more },
        signal ? { signal } : {},
      ),
  }
}

describe.skipIf(noServer)(
  `queries on a PostgreSQL server${noServer ? ` (left out: ${noServer})` : ''}`,
  () => {
    beforeAll(async () => {
      server = await startServer()
    }, 60_000)
    afterAll(() => server.remove())

    it('runs twenty at once through one process and eight connections, and says why the others wait', async () => {
      const { start, broker } = await setUp()
      const queries = Array.from({ length: 20 }, (_, i) =>
        start('SELECT $1::int, pg_sleep(0.05)', { params: [i] }),
      )
      const reasons = new Set<string>()
      const runs = await Promise.all(
        queries.map(async (query) => {
          for await (const { state } of query) {
            if (state.kind === 'queued')
              for (const reason of state.reasons) reasons.add(JSON.stringify(reason))
          }
          return query.result
        }),
      )
      expect(runs.map(({ state }) => state.kind)).toEqual(Array.from({ length: 20 }, () => 'done'))
      expect(reasons).toContain(JSON.stringify({ kind: 'hosts-busy', limit: LIMIT }))
      expect(broker.forked).toBe(1)
    })

    it('cancels one of them within a second and leaves the others alone', async () => {
      const { start, broker } = await setUp()
      const other = start('SELECT pg_sleep(1.5)')
      const cancelling = new AbortController()
      const query = start('SELECT pg_sleep(3600)', {}, cancelling.signal)
      let asked = 0
      for await (const { state } of query) {
        if (state.kind !== 'running' || asked > 0) continue
        asked = performance.now()
        cancelling.abort()
      }
      expect(performance.now() - asked).toBeLessThan(1_000)
      expect((await query.result).state).toMatchObject({ kind: 'cancelled' })
      expect((await other.result).state.kind).toBe('done')
      expect(broker.forked).toBe(1)
    })

    it('ends the process when all is over, so that the server is left alone', async () => {
      const { start, runs, broker } = await setUp()
      expect((await start('SELECT 1').result).state.kind).toBe('done')
      const [host] = broker.hosts.values()
      if (!host) throw new Error('There is no host.')
      const ended = once(host, 'exit')
      const query = start('SELECT pg_sleep(3600)')
      for await (const { state } of query) if (state.kind === 'running') void runs.close()
      await ended
      expect((await query.result).state.kind).not.toBe('done')
      expect(broker.hosts.size).toBe(0)
    })

    it('keeps the time limit, and calls it by its name', async () => {
      const { start } = await setUp()
      const { state } = await start('SELECT pg_sleep(3600)', { budget: { timeoutMs: 300 } }).result
      expect(state).toMatchObject({ kind: 'timed-out', limitMs: 300 })
    })

    it('fails for a missing password with the code that a window asks for it by', async () => {
      const { start } = await setUp(null)
      const { state } = await start('SELECT 1').result
      expect(state).toMatchObject({
        kind: 'failed',
        cause: { failure: { code: 'database', details: { engineCode: '28P01' } } },
      })
    })

    it('fails at once when the process is killed, and the server ends what is left of it', async () => {
      const { start, broker } = await setUp()
      const isThere = async (): Promise<boolean> => {
        const sql = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(7200)%'"
        const run = await start(sql).result
        expect(run.state.kind).toBe('done')
        return run.kind === 'query' && run.progress.rows > 0
      }
      const query = start('SELECT pg_sleep(7200)')
      while (!(await isThere()));
      for (const host of broker.hosts.values()) host.kill('SIGKILL')
      expect((await query.result).state).toMatchObject({
        kind: 'failed',
        cause: { failure: { code: 'host-lost' } },
      })
      while (await isThere());
      expect(broker.forked).toBe(2)
    })

    it('keeps no password that somebody writes into an address', async () => {
      const { start } = await setUp()
      const database = server.address().replace('@', ':secret@')
      await expect(start('SELECT 1', { database }).result).rejects.toMatchObject({
        failure: { code: 'invalid-params', message: expect.not.stringContaining('secret') as string },
      })
    })
  },
)
