import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { queryHostContract } from '#contract/query-host.ts'
import type { ServerNotice } from '#contract/run.ts'
import type { SqlParams } from '#contract/sql-value.ts'
import type { StatementEnd, StatementRows } from '#contract/statement.ts'
import type { Client } from '#kit/client.ts'
import { noServer, startServer, type TestServer } from '#kit/postgres-server-fixture.ts'
import { cellsOfChunk, failureOf } from '../host-fixture.ts'
import { openServerHost } from './server-fixture.ts'

type Host = Client<typeof queryHostContract>

let server: TestServer

interface Answer extends StatementEnd {
  readonly rows: string[][]
  readonly notices: readonly ServerNotice[]
  /** Messages that its rows came in, the end among them. */
  readonly parts: number
}

interface Asked {
  readonly params?: SqlParams
  readonly owner?: number
  readonly signal?: AbortSignal
}

async function execute(host: Host, sql: string, { params, owner, signal }: Asked = {}): Promise<Answer> {
  const statement = host.stream(
    'statement.execute',
    { sql, ...(params ? { params } : {}), ...(owner === undefined ? {} : { owner }) },
    signal ? { signal } : {},
  )
  const parts: StatementRows[] = []
  const notices: ServerNotice[] = []
  for await (const item of statement) {
    if ('notices' in item) notices.push(...item.notices)
    else parts.push(item)
  }
  const end = await statement.result
  if (end.last) parts.push(end.last)
  const rows = parts.flatMap(({ chunk }) => cellsOfChunk(chunk))
  return { ...end, rows, notices, parts: parts.length }
}

/** Resolves when a statement that begins like this runs on the server. */
async function untilRunning(host: Host, beginning: string): Promise<void> {
  const sql = "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE $1 || '%'"
  while ((await execute(host, sql, { params: [beginning], owner: 99 })).rows.length === 0);
}

describe.skipIf(noServer)(
  `statements that share a connection to a PostgreSQL server${noServer ? ` (left out: ${noServer})` : ''}`,
  () => {
    beforeAll(async () => {
      server = await startServer()
    }, 60_000)
    afterAll(() => server.remove())

    it('keeps transactions, settings and temporary tables from one statement to the next', async () => {
      const host = await openServerHost(server.address())
      expect(await execute(host, 'CREATE TEMP TABLE kept (a int)')).toMatchObject({
        columns: null,
        changes: 0,
        inTransaction: false,
      })
      expect((await execute(host, 'BEGIN')).inTransaction).toBe(true)
      const inserted = await execute(host, 'INSERT INTO kept SELECT generate_series(1, 20000) RETURNING a')
      expect(inserted).toMatchObject({ changes: 20_000, inTransaction: true })
      expect(inserted.rows).toHaveLength(20_000)
      expect(inserted.parts).toBeGreaterThan(2)
      expect((await execute(host, 'SELECT count(*), min(a) FROM kept')).rows).toEqual([['20000', '1']])
      expect((await execute(host, 'ROLLBACK')).inTransaction).toBe(false)
      expect((await execute(host, 'TABLE kept')).rows).toEqual([])
      await execute(host, "SET application_name = 'mine'")
      expect((await execute(host, 'SHOW application_name')).rows).toEqual([['mine']])
      // What may not run inside a transaction may run all the same.
      expect((await execute(host, 'VACUUM kept')).changes).toBe(0)
    })

    it('gives each owner a connection of its own, until that is closed', async () => {
      const host = await openServerHost(server.address())
      for (const owner of [1, 2])
        await execute(host, `CREATE TEMP TABLE own AS SELECT ${owner} AS a`, { owner })
      for (const owner of [1, 2])
        expect((await execute(host, 'TABLE own', { owner })).rows).toEqual([[String(owner)]])
      await execute(host, 'BEGIN', { owner: 1 })
      await host.call('close', { owner: 1 })
      expect(await failureOf(execute(host, 'TABLE own', { owner: 1 }))).toMatchObject({
        details: { engineCode: '42P01' },
      })
      expect((await execute(host, 'TABLE own', { owner: 2 })).rows).toEqual([['2']])
    })

    it.each<[string, SqlParams, string[]]>([
      ['SELECT :a::int + $1, :b, :a', { a: 2, b: "x'y", '1': 40, unused: 1 }, ['42', "x'y", '2']],
      ['SELECT :n::int, $1::bytea', [{ blob: '00ff' }, null], ['', '00FF']],
      ["SELECT (ARRAY[1,2,3])[2:3], ':a', 'x'::text", {}, ['{2,3}', ':a', 'x']],
    ])('binds parameters by number and by name: %s', async (sql, params, expected) => {
      const host = await openServerHost(server.address())
      expect((await execute(host, sql, { params })).rows).toEqual([expected])
    })

    it('asks for a value that is missing, and marks an error where it is in the text as it was written', async () => {
      const host = await openServerHost(server.address())
      expect((await failureOf(execute(host, 'SELECT :who'))).message).toContain(':who')
      const sql = "SELECT '🐘', :a_long_name::int, nothere"
      expect(await failureOf(execute(host, sql, { params: { a_long_name: 1 } }))).toMatchObject({
        details: { engineCode: '42703', position: sql.indexOf('nothere') },
      })
    })

    it('says what the server says while the statement runs, and also when it fails', async () => {
      const host = await openServerHost(server.address())
      const statement = host.stream('statement.execute', {
        sql: `DO $$ BEGIN RAISE NOTICE 'begun'; PERFORM pg_sleep(3600); END $$`,
      })
      const heard: unknown[] = []
      for await (const item of statement) {
        if (!('notices' in item)) continue
        heard.push(...item.notices)
        // Leaving the loop cancels the statement, which would sleep for an hour.
        break
      }
      expect(heard).toEqual([{ severity: 'NOTICE', message: 'begun' }])
      const failing = host.stream('statement.execute', {
        sql: `DO $$ BEGIN RAISE WARNING 'about to'; RAISE EXCEPTION 'fail'; END $$`,
      })
      const said: unknown[] = []
      const failure = failureOf(
        (async () => {
          for await (const item of failing) if ('notices' in item) said.push(...item.notices)
        })(),
      )
      expect(await failure).toMatchObject({ details: { engineCode: 'P0001' } })
      expect(said).toEqual([{ severity: 'WARNING', message: 'about to' }])
    })

    it('cancels a statement on the server and keeps the connection with its transaction', async () => {
      const host = await openServerHost(server.address())
      const other = await openServerHost(server.address())
      await execute(host, 'CREATE TEMP TABLE mine (a int)')
      for (const [sql, marker] of [
        ['SELECT pg_sleep(3600)', 'SELECT pg_sleep'],
        ['SELECT count(*) FROM generate_series(1, 1e12)', 'SELECT count'],
      ] as const) {
        const cancelling = new AbortController()
        const running = failureOf(execute(host, sql, { signal: cancelling.signal }))
        await untilRunning(other, marker)
        cancelling.abort()
        expect((await running).code).toBe('cancelled')
        expect((await execute(host, 'SELECT count(*) FROM mine')).rows).toEqual([['0']])
      }
      // Between two batches of an endless result whose reader takes its time.
      const cancelling = new AbortController()
      const endless = host.stream(
        'statement.execute',
        { sql: 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n' },
        { signal: cancelling.signal },
      )
      const reading = failureOf(
        (async () => {
          for await (const item of endless) if ('rows' in item) cancelling.abort()
        })(),
      )
      expect((await reading).code).toBe('cancelled')
      expect((await execute(host, 'SELECT count(*) FROM mine')).rows).toEqual([['0']])
    })

    it('runs the statements of a connection in the order in which they were asked for', async () => {
      const host = await openServerHost(server.address())
      await execute(host, 'CREATE TEMP TABLE line (a serial, what text)')
      await Promise.all(
        [
          'SELECT pg_sleep(0.05)',
          "INSERT INTO line (what) VALUES ('x')",
          "INSERT INTO line (what) VALUES ('y')",
        ].map((sql) => execute(host, sql)),
      )
      expect((await execute(host, 'SELECT what FROM line ORDER BY a')).rows).toEqual([['x'], ['y']])
    })

    it.each([
      [['INSERT INTO fixed VALUES (2)'], '25006'],
      [['BEGIN', 'INSERT INTO fixed VALUES (2)'], '25006'],
      [['BEGIN READ WRITE', 'DELETE FROM fixed'], '25006'],
      [['BEGIN', 'SET TRANSACTION READ WRITE', 'DELETE FROM fixed'], '25006'],
      [['START TRANSACTION READ WRITE', 'DO $$ BEGIN DELETE FROM fixed; END $$'], '25006'],
      [['SET default_transaction_read_only = off', 'DELETE FROM fixed'], '25006'],
      [['SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE', 'DELETE FROM fixed'], '25006'],
      [['BEGIN READ WRITE', 'COMMIT AND CHAIN', 'DELETE FROM fixed'], '25006'],
      [["SELECT set_config('transaction_read_only', 'off', true)"], '25001'],
      [['DO $$ BEGIN COMMIT; SET TRANSACTION READ WRITE; DELETE FROM fixed; END $$'], '2D000'],
      [["COPY fixed TO '/tmp/never'"], undefined],
    ])('lets nothing be changed when it is open read-only: %j', async (statements, engineCode) => {
      const writer = await openServerHost(server.address())
      await execute(writer, 'CREATE TABLE IF NOT EXISTS fixed (a int)')
      await execute(writer, 'DELETE FROM fixed')
      await execute(writer, 'INSERT INTO fixed VALUES (1)')
      const reader = await openServerHost(server.address(), 'read-only')
      const last = statements.at(-1) ?? ''
      for (const sql of statements.slice(0, -1)) await execute(reader, sql)
      const failure = await failureOf(execute(reader, last))
      expect(failure.code).toBe('database')
      expect(failure.details?.engineCode).toBe(engineCode)
      expect((await execute(writer, 'SELECT count(*) FROM fixed')).rows).toEqual([['1']])
      await execute(reader, 'ROLLBACK')
      expect((await execute(reader, 'TABLE fixed')).inTransaction).toBe(false)
    })

    it('goes on after an error outside of a transaction, and tells that one inside has ended it', async () => {
      const host = await openServerHost(server.address())
      await failureOf(execute(host, 'SELECT 1 / 0'))
      expect((await execute(host, 'SELECT 1')).inTransaction).toBe(false)
      await execute(host, 'BEGIN')
      await failureOf(execute(host, 'SELECT 1 / 0'))
      expect((await failureOf(execute(host, 'SELECT 1'))).details?.engineCode).toBe('25P02')
      expect((await execute(host, 'ROLLBACK')).inTransaction).toBe(false)
    })

    it.each(['SELECT 1; SELECT 2', '', 'COPY pg_class TO STDOUT'])('refuses %j', async (sql) => {
      const host = await openServerHost(server.address())
      expect((await failureOf(execute(host, sql))).code).toBe('database')
      expect((await execute(host, 'SELECT 1')).rows).toEqual([['1']])
    })

    it('is over when the server has ended it: its next statement says so, and another session works', async () => {
      const host = await openServerHost(server.address())
      await execute(host, 'BEGIN')
      const running = failureOf(execute(host, 'SELECT pg_sleep(3600)'))
      await untilRunning(host, 'SELECT pg_sleep')
      await server.stop('SIGQUIT')
      expect((await running).message).toContain('ended while the statement was running')
      await server.start()
      expect((await failureOf(execute(host, 'SELECT 1'))).code).toBe('host-lost')
      expect((await execute(host, 'SELECT 1', { owner: 7 })).rows).toEqual([['1']])
    }, 60_000)
  },
)
