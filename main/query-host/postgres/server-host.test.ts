import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SqlParams } from '#contract/sql-value.ts'
import { noServer, startServer, type TestServer } from '#kit/postgres-server-fixture.ts'
import { failureOf, rowsChannel } from '../host-fixture.ts'
import { openServerHost, runOnServer } from './server-fixture.ts'

let server: TestServer
const MANY_ROWS = 1_000_000
/** Kept in memory, a million of them would take 350 MB: 200 of text, the rest for the objects around it. */
const BYTES_PER_ROW = 200
/** Chunks, batches and what the collector has not taken yet; measured 80 to 160 MB for any number of rows. */
const MEMORY_LIMIT_BYTES = 250 * 1024 * 1024

describe.skipIf(noServer)(
  `statements on a real PostgreSQL server${noServer ? ` (left out: ${noServer})` : ''}`,
  () => {
    beforeAll(async () => {
      server = await startServer()
    }, 60_000)
    afterAll(() => server.remove())

    it('streams a million rows in flat memory, the first of them long before the last', async () => {
      const client = await openServerHost(server.address())
      const before = process.memoryUsage().rss
      let most = before
      const running = client.stream('execute', {
        sql: `SELECT i, i::numeric / 3, repeat('a', ${BYTES_PER_ROW}) FROM generate_series(1, ${MANY_ROWS}) i`,
        resultPath: join(server.folder, 'result'),
        rows: 'none',
      })
      const seen: number[] = []
      for await (const { rows } of running) {
        seen.push(rows)
        most = Math.max(most, process.memoryUsage().rss)
      }
      const { progress, stoppedEarly } = await running.result
      expect(progress).toMatchObject({ rows: MANY_ROWS, changes: null })
      expect(progress.columns).toEqual([
        { name: 'i', declaredType: 'integer' },
        { name: '?column?', declaredType: 'numeric' },
        { name: 'repeat', declaredType: 'text' },
      ])
      expect(stoppedEarly).toBe(false)
      expect(seen.some((rows) => rows > 0 && rows < MANY_ROWS)).toBe(true)
      console.log(`A million rows took ${Math.round((most - before) / 1024 ** 2)} MB more memory.`)
      expect(most - before).toBeLessThan(MEMORY_LIMIT_BYTES)
    }, 60_000)

    it.each([
      [
        "9223372036854775807::bigint, '-9223372036854775808'::bigint",
        ['9223372036854775807', '-9223372036854775808'],
      ],
      ['12345678901234567890.123456789012345678900::numeric', ['12345678901234567890.123456789012345678900']],
      ["'NaN'::numeric, 'Infinity'::numeric", ['NaN', 'Infinity']],
      ["'NaN'::float8, 'Infinity'::float8, '-Infinity'::float4", ['NaN', 'Inf', '-Inf']],
      ['0.1::float8 + 0.2::float8, 0.1::float4', ['0.30000000000000004', '0.1']],
      ['true, false, NULL::boolean', ['true', 'false', '']],
      ["'\\x00ff10'::bytea", ['00FF10']],
      [
        `'{"a": [1, 2.50]}'::json, ARRAY[1, NULL, 3], ARRAY['a"b', '雪']`,
        ['{"a": [1, 2.50]}', '{1,NULL,3}', '{"a\\"b",雪}'],
      ],
      [
        "date '2026-02-03', timestamptz '2026-02-03 04:05:06.789+00'",
        ['2026-02-03', expect.stringMatching(/^2026-02-0\d .*:06\.789[+-]/)],
      ],
      ["interval '1 year 2 days 03:04:05.6'", ['1 year 2 days 03:04:05.6']],
      ["'', '雪 🐘', E'a\\nb'", ['', '雪 🐘', 'a\nb']],
    ])('gives SELECT %s exactly as the server has it', async (values, expected) => {
      const client = await openServerHost(server.address())
      const { cells } = await runOnServer(client, { sql: `SELECT ${values}` })
      expect(cells).toEqual([expected])
    })

    it.each<[string, SqlParams, string[]]>([
      ['SELECT $1::bigint + 1', [{ integer: '9223372036854775806' }], ['9223372036854775807']],
      ['SELECT $1::float8, $2::float8', [{ real: 2 }, 1e300], ['2.0', '1.0e+300']],
      ['SELECT $1::text, $2::text', ["'; DROP TABLE x --", null], ["'; DROP TABLE x --", '']],
      ['SELECT $1::bytea, $2::bool', [{ blob: '00ff' }, 'true'], ['00FF', 'true']],
    ])('binds parameters by position: %s', async (sql, params, expected) => {
      const client = await openServerHost(server.address())
      expect((await runOnServer(client, { sql, params })).cells).toEqual([expected])
    })

    it('binds parameters by name, and refuses what is missing, unknown or too few', async () => {
      const client = await openServerHost(server.address())
      const byName = await runOnServer(client, { sql: 'SELECT :b::int, :a', params: { a: 'x', b: 1 } })
      expect(byName.cells).toEqual([['1', 'x']])
      const message = async (sql: string, params: SqlParams): Promise<string> =>
        (await failureOf(runOnServer(client, { sql, params }))).message
      expect(await message('SELECT $1::int', { a: 1 })).toContain('a value for $1')
      expect(await message('SELECT :a::int', { a: 1, b: 2 })).toContain('no parameter "b"')
      expect(
        await failureOf(runOnServer(client, { sql: 'SELECT $1::int, $2::int', params: [1] })),
      ).toMatchObject({
        code: 'database',
        details: { engineCode: '08P01' },
      })
    })

    it('commits each statement by itself and tells how many rows it changed', async () => {
      const client = await openServerHost(server.address())
      const made = await runOnServer(client, { sql: 'CREATE TABLE changed (a int PRIMARY KEY, b text)' })
      expect(made.progress).toMatchObject({ columns: [], rows: 0, changes: null })
      const added = await runOnServer(client, {
        sql: "INSERT INTO changed SELECT i, 'x' FROM generate_series(1, 10) i RETURNING a",
      })
      expect(added.progress).toMatchObject({ rows: 10, changes: 10 })
      const other = await openServerHost(server.address())
      expect((await runOnServer(other, { sql: 'SELECT count(*) FROM changed' })).cells).toEqual([['10']])
      expect(
        (await runOnServer(other, { sql: 'UPDATE changed SET b = NULL WHERE a > 7' })).progress.changes,
      ).toBe(3)
      // What may not run inside a transaction may run all the same.
      await runOnServer(client, { sql: 'VACUUM changed' })
    })

    it('fails where the commit fails, after the last row', async () => {
      const client = await openServerHost(server.address())
      await runOnServer(client, {
        sql: 'CREATE TABLE late (a int, UNIQUE (a) DEFERRABLE INITIALLY DEFERRED)',
      })
      expect(
        await failureOf(runOnServer(client, { sql: 'INSERT INTO late VALUES (1), (1) RETURNING a' })),
      ).toMatchObject({
        code: 'database',
        details: { engineCode: '23505' },
      })
      expect((await runOnServer(client, { sql: 'SELECT count(*) FROM late' })).cells).toEqual([['0']])
    })

    it('forgets what a statement has set before the next one runs', async () => {
      const client = await openServerHost(server.address())
      await runOnServer(client, { sql: 'CREATE TEMP TABLE passing (a int)' })
      await runOnServer(client, { sql: "SET datestyle = 'German'" })
      expect(
        (await runOnServer(client, { sql: "SELECT date '2026-12-31', to_regclass('passing')" })).cells,
      ).toEqual([['2026-12-31', '']])
    })

    it('hands on what the server says beside the rows, a hundred lines of it', async () => {
      const client = await openServerHost(server.address())
      const few = await runOnServer(client, {
        sql: "DO $$ BEGIN RAISE NOTICE 'half way'; RAISE WARNING 'odd'; END $$",
      })
      expect(few.progress.notices).toEqual([
        { severity: 'NOTICE', message: 'half way' },
        { severity: 'WARNING', message: 'odd' },
      ])
      const many = await runOnServer(client, {
        sql: "DO $$ BEGIN FOR i IN 1..5000 LOOP RAISE NOTICE 'line %', i; END LOOP; END $$",
      })
      expect(many.progress.notices).toHaveLength(101)
      expect(many.progress.notices?.at(-1)?.message).toBe('4900 more notices came after these.')
      expect((await runOnServer(client, { sql: 'SELECT 1' })).progress.notices).toBeUndefined()
    })

    it('marks the place of an error in UTF-16 units, with the code, the detail and the hint of the server', async () => {
      const client = await openServerHost(server.address())
      const sql = "SELECT '雪🐘' AS a, nothere FROM pg_class"
      expect(await failureOf(runOnServer(client, { sql }))).toEqual({
        code: 'database',
        message: 'column "nothere" does not exist.',
        details: { engineCode: '42703', position: sql.indexOf('nothere') },
      })
      await runOnServer(client, { sql: 'CREATE TABLE hinted (name text UNIQUE)' })
      await runOnServer(client, { sql: "INSERT INTO hinted VALUES ('雪')" })
      expect(await failureOf(runOnServer(client, { sql: "INSERT INTO hinted VALUES ('雪')" }))).toMatchObject(
        {
          message: expect.stringContaining('Key (name)=(雪) already exists.') as string,
        },
      )
      expect(await failureOf(runOnServer(client, { sql: 'SELECT nam FROM hinted' }))).toMatchObject({
        message: expect.stringContaining('Hint: Perhaps you meant') as string,
      })
    })

    it('keeps the rows before an error', async () => {
      const client = await openServerHost(server.address())
      const path = join(server.folder, 'kept')
      const running = client.stream('execute', {
        sql: 'SELECT 10 / (5000 - i) FROM generate_series(1, 10000) i',
        resultPath: path,
        rows: 'none',
      })
      let last = 0
      const failure = failureOf(
        (async () => {
          for await (const { rows } of running) last = rows
        })(),
      )
      expect(await failure).toMatchObject({ details: { engineCode: '22012' } })
      expect(last).toBeLessThan(5_000)
    })

    it.each([
      ['at once', 'SELECT 1'],
      ['in the middle', 'SELECT i FROM generate_series(1, 1000000) i'],
    ])('says so when the disk is full %s, and goes on with the next statement', async (when, sql) => {
      const client = await openServerHost(server.address())
      const resultPath = join(server.folder, `full ${when}`)
      // A device that takes nothing: behind the rows, or behind their index only.
      await symlink('/dev/full', `${resultPath}.${when === 'at once' ? 'rows' : 'index'}`)
      const running = client.stream('execute', { sql, resultPath, rows: 'none' })
      expect(await failureOf(running.result)).toMatchObject({
        code: 'disk-full',
        details: { engineCode: 'ENOSPC' },
      })
      expect((await runOnServer(client, { sql: 'SELECT 1' })).cells).toEqual([['1']])
    })

    it('does not wait beyond its time for a reader that takes no more rows', async () => {
      const client = await openServerHost(server.address(), 'read-only')
      const { passenger, client: reader } = rowsChannel()
      const running = client.stream(
        'execute',
        {
          sql: 'SELECT repeat(i::text, 1000) FROM generate_series(1, 1000000) i',
          resultPath: join(server.folder, 'unread'),
          rows: 'all',
          budget: { timeoutMs: 500 },
        },
        { passengers: [passenger] },
      )
      const unread = reader.stream('rows', {}, { credit: 1 })
      unread.result.catch(() => undefined)
      expect((await failureOf(running.result)).code).toBe('deadline')
    })

    it.each([
      ['', 'no statement'],
      ['-- only words', 'no statement'],
      ['BEGIN', 'kept open'],
      ['start transaction', 'kept open'],
      ['COPY pg_class TO STDOUT', 'COPY cannot send'],
      ["copy (select 'a') to stdout", 'COPY cannot send'],
    ])('refuses %j with a reason', async (sql, reason) => {
      const client = await openServerHost(server.address())
      expect((await failureOf(runOnServer(client, { sql }))).message).toContain(reason)
    })

    it('refuses a second statement and says where it begins', async () => {
      const client = await openServerHost(server.address())
      expect(await failureOf(runOnServer(client, { sql: 'SELECT 1; SELECT 2' }))).toMatchObject({
        message: expect.stringContaining('more than one statement') as string,
        details: { position: 10 },
      })
    })

    it.each([
      ['INSERT INTO kept VALUES (2)', '25006'],
      ['DROP TABLE kept', '25006'],
      ['SELECT add_one()', '25006'],
      ["SELECT set_config('transaction_read_only', 'off', true), add_one()", '25001'],
      ["COPY kept TO PROGRAM 'cat'", undefined],
      ["COPY kept TO '/tmp/never'", undefined],
      ['VACUUM kept', '25001'],
    ])('lets nothing be changed in read-only mode: %s', async (sql, engineCode) => {
      const writer = await openServerHost(server.address())
      await runOnServer(writer, { sql: 'CREATE TABLE IF NOT EXISTS kept (a int)' })
      await runOnServer(writer, {
        sql: `CREATE OR REPLACE FUNCTION add_one() RETURNS int LANGUAGE sql AS 'INSERT INTO kept VALUES (1) RETURNING a'`,
      })
      const reader = await openServerHost(server.address(), 'read-only')
      await runOnServer(reader, { sql: 'SET default_transaction_read_only = off' })
      const failure = await failureOf(runOnServer(reader, { sql }))
      expect(failure.code).toBe('database')
      expect(failure.details?.engineCode).toBe(engineCode)
      expect((await runOnServer(reader, { sql: 'SELECT count(*) FROM kept' })).cells).toEqual([['0']])
    })

    it.each(['read-only', 'read-write'] as const)(
      'ends a result at its budget of rows or bytes in %s mode, and goes on with the next',
      async (mode) => {
        const client = await openServerHost(server.address(), mode)
        const sql = 'SELECT i FROM generate_series(1, 1000000) i'
        const byRows = await runOnServer(client, { sql, budget: { rows: 1_500 } })
        expect(byRows).toMatchObject({ stoppedEarly: false, limitedBy: 'rows', progress: { rows: 1_500 } })
        const exact = await runOnServer(client, { sql: 'SELECT 1', budget: { rows: 1 } })
        expect(exact.limitedBy).toBeUndefined()
        const byBytes = await runOnServer(client, { sql, budget: { bytes: 100_000 } })
        expect(byBytes.limitedBy).toBe('bytes')
        expect(byBytes.progress.rows).toBeLessThan(200_000)
      },
    )

    it('reads tables, views, materialized views, columns and keys', async () => {
      const client = await openServerHost(server.address())
      for (const sql of [
        'CREATE SCHEMA shop',
        'CREATE TABLE shop.customer (id bigint PRIMARY KEY, name varchar(20) NOT NULL)',
        'CREATE TABLE shop.orders (a int, b int, customer bigint REFERENCES shop.customer, PRIMARY KEY (b, a))',
        'CREATE VIEW shop.v AS SELECT name FROM shop.customer',
        'CREATE MATERIALIZED VIEW shop.m AS SELECT 1 AS one',
        "CREATE TYPE mood AS ENUM ('good', 'bad')",
      ])
        await runOnServer(client, { sql })
      const schema = await client.call('schema', {})
      expect(schema).toMatchObject({
        engine: 'postgres',
        serverVersion: expect.stringMatching(/^\d+/) as string,
      })
      expect(schema.bytes).toBeGreaterThan(1_000_000)
      const shop = schema.tables.filter((table) => table.schema === 'shop')
      expect(shop.map(({ name, kind }) => [name, kind])).toEqual([
        ['customer', 'table'],
        ['m', 'materialized'],
        ['orders', 'table'],
        ['v', 'view'],
      ])
      expect(shop[0]?.columns).toEqual([
        { name: 'id', declaredType: 'bigint', notNull: true, primaryKey: 1 },
        { name: 'name', declaredType: 'character varying(20)', notNull: true, primaryKey: 0 },
      ])
      expect(shop[2]?.columns.map(({ primaryKey }) => primaryKey)).toEqual([2, 1, 0])
      expect(shop[2]?.foreignKeys).toEqual([{ from: 'customer', table: 'customer', to: 'id' }])
      // Types made since the start are known by their names from now on.
      const { progress } = await runOnServer(client, { sql: "SELECT 'good'::mood" })
      expect(progress.columns).toEqual([{ name: 'mood', declaredType: 'mood' }])
    })

    it('reads the schema of a database with 10,000 tables in a few seconds', async () => {
      const owner = await openServerHost(server.address())
      await runOnServer(owner, { sql: 'CREATE DATABASE wide' })
      const client = await openServerHost(server.address('?sslmode=disable', 'wide'))
      // Locks of one transaction are limited: a hundred tables at a time.
      await runOnServer(client, {
        sql: `DO $$ BEGIN FOR i IN 1..10000 LOOP
        EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, a int, b int)', i);
        IF i % 100 = 0 THEN COMMIT; END IF; END LOOP; END $$`,
      })
      const start = performance.now()
      const { tables } = await client.call('schema', {})
      const ms = performance.now() - start
      console.log(`The schema of 10,000 tables was read in ${Math.round(ms)} ms.`)
      expect(tables).toHaveLength(10_000)
      expect(ms).toBeLessThan(5_000)
    }, 120_000)
  },
)
