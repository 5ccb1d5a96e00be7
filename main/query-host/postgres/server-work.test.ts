import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { queryHostContract } from '#contract/query-host.ts'
import type { ImportColumn } from '#contract/transfer.ts'
import type { Client, RequestStream } from '#kit/client.ts'
import type { TransferProgress } from '#contract/transfer.ts'
import { noServer, startServer, type TestServer } from '#kit/postgres-server-fixture.ts'
import { failureOf } from '../host-fixture.ts'
import { EXACT_CSV, READ_CSV } from '../transfers/transfer-fixture.ts'
import { openServerHost, runOnServer } from './server-fixture.ts'

type Host = Client<typeof queryHostContract>

let server: TestServer
let folder: string
const at = (name: string): string => join(folder, name)

async function cells(host: Host, sql: string): Promise<string[][]> {
  return (await runOnServer(host, { sql })).cells
}

/** Makes a table whose name needs quotes, once. */
async function makeOrders(): Promise<void> {
  const host = await openServerHost(server.address())
  await cells(host, 'CREATE SCHEMA IF NOT EXISTS "Big.shop"')
  await cells(
    host,
    `CREATE TABLE IF NOT EXISTS "Big.shop"."Order" AS SELECT i AS id, 'x' || i AS what FROM generate_series(1, 20000) i`,
  )
  await cells(host, 'CREATE UNIQUE INDEX IF NOT EXISTS order_key ON "Big.shop"."Order" (id)')
  await cells(host, 'VACUUM ANALYZE "Big.shop"."Order"')
}

function importFile(
  host: Host,
  table: string,
  columns: ImportColumn[],
  { file = 'in.csv', create = true, signal }: { file?: string; create?: boolean; signal?: AbortSignal } = {},
): RequestStream<TransferProgress, TransferProgress> {
  return host.stream(
    'import',
    { table, create, file: at(file), format: READ_CSV, columns },
    signal ? { signal } : {},
  )
}

const ALL_TYPES: ImportColumn[] = [
  { name: 'n', type: 'integer' },
  { name: 'r', type: 'real' },
  { name: 't', type: 'text' },
  { name: 'b', type: 'blob' },
]

describe.skipIf(noServer)(
  `plans, counts and transfers on a PostgreSQL server${noServer ? ` (left out: ${noServer})` : ''}`,
  () => {
    beforeAll(async () => {
      server = await startServer()
      folder = await mkdtemp(join(tmpdir(), 'offloop-pg-work-'))
    }, 60_000)
    afterAll(async () => {
      await server.remove()
      await rm(folder, { recursive: true })
    })

    it('tells a plan as a tree, with the scans of whole tables and the indexes marked', async () => {
      await makeOrders()
      const host = await openServerHost(server.address(), 'read-only')
      const { steps } = await host.call('explain', {
        sql: `SELECT * FROM "Big.shop"."Order" a WHERE what = :what ORDER BY id DESC`,
      })
      const [sort, scan] = steps
      expect(sort).toMatchObject({ id: 1, parent: 0, scan: false, covering: false })
      expect(sort?.detail).toMatch(/^Sort; Sort Key: id DESC \(cost [\d.]+, about [\d,]+ rows\)$/)
      expect(scan).toMatchObject({ parent: 1, scan: true })
      expect(scan?.detail).toMatch(/^Seq Scan on Order a; Filter: \(what = \$1\) \(cost /)
      const byKey = await host.call('explain', { sql: 'SELECT id FROM "Big.shop"."Order" WHERE id = 7' })
      expect(byKey.steps).toMatchObject([{ scan: false, index: 'order_key', covering: true }])
      // What writes is not run, also where nothing may be changed.
      const insert = await host.call('explain', { sql: 'DELETE FROM "Big.shop"."Order"' })
      expect(insert.steps.map(({ scan: isScan }) => isScan)).toEqual([false, true])
      expect(await cells(host, 'SELECT count(*) FROM "Big.shop"."Order"')).toEqual([['20000']])
    })

    it.each([
      ['SELECT nothere FROM pg_class', 'nothere', '42703'],
      ["SELECT '雪🐘', :longer_than_a_number::int, nothere", 'nothere', '42703'],
      ['SELECT 1; DROP TABLE x', 'DROP', undefined],
      ['EXPLAIN SELECT 1', undefined, undefined],
      ['VACUUM', 'VACUUM', '42601'],
    ])('says where %j cannot be explained', async (sql, place, engineCode) => {
      const host = await openServerHost(server.address(), 'read-only')
      const failure = await failureOf(host.call('explain', { sql }))
      expect(failure).toMatchObject({ code: 'database' })
      expect(failure.details?.engineCode).toBe(engineCode)
      expect(failure.details?.position).toBe(place === undefined ? undefined : sql.indexOf(place))
    })

    it('counts the rows of a table, named with its schema or found by the search path', async () => {
      await makeOrders()
      const host = await openServerHost(server.address())
      await cells(host, 'CREATE TABLE plain AS SELECT 1')
      expect(await host.call('countRows', { table: 'Big.shop.Order' })).toEqual({ rows: 20_000 })
      expect(await host.call('countRows', { table: 'plain' })).toEqual({ rows: 1 })
      expect((await failureOf(host.call('countRows', { table: 'Order' }))).code).toBe('not-found')
    })

    it('imports what it has exported, every value as it was', async () => {
      await makeOrders()
      const host = await openServerHost(server.address())
      await cells(
        host,
        `CREATE TABLE source AS SELECT * FROM (VALUES
          (9223372036854775807, 0.1::float8, E'tab\\t, line\\n, back\\\\slash, "quote", 雪🐘', '\\x00ff5c'::bytea),
          (-1, 'Infinity', '', ''), (NULL, NULL, NULL, NULL), (0, -1e300, '\\N', '\\x0a')) v (n, r, t, b)`,
      )
      const exported = host.stream('export', {
        source: { kind: 'query', sql: 'SELECT * FROM source WHERE n <> $1 OR n IS NULL', params: [12] },
        to: at('all.csv'),
        format: EXACT_CSV,
      })
      expect(await exported.result).toMatchObject({ rows: 4 })
      const preview = await host.call('previewImport', { file: at('all.csv') })
      expect(preview.columns.map(({ name }) => name)).toEqual(['n', 'r', 't', 'b'])
      const imported = await importFile(host, 'copy of source', ALL_TYPES, { file: 'all.csv' }).result
      expect(imported).toMatchObject({ rows: 4, bytes: (await readFile(at('all.csv'))).length })
      const differing = 'SELECT count(*) FROM (TABLE source EXCEPT ALL TABLE "copy of source") d'
      expect(await cells(host, differing)).toEqual([['0']])
      // Into a table that is there the server makes of each text what its column is.
      await cells(host, 'CREATE TABLE "Big.shop".typed (d date, ok bool, n numeric DEFAULT 7)')
      await writeFile(at('typed.csv'), 'd,ok\n2026-02-03,true\n,f\n')
      const text: ImportColumn[] = ['d', 'ok'].map((name) => ({ name, type: 'text' }))
      await importFile(host, 'Big.shop.typed', text, { file: 'typed.csv', create: false }).result
      expect(await cells(host, 'TABLE "Big.shop".typed')).toEqual([
        ['2026-02-03', 'true', '7'],
        ['', 'false', '7'],
      ])
    })

    it('imports all rows or none, and says which one cannot be taken', async () => {
      const host = await openServerHost(server.address())
      await cells(host, 'CREATE TABLE target (n int UNIQUE)')
      const n: ImportColumn[] = [{ name: 'n', type: 'integer' }]
      const asText: ImportColumn[] = [{ name: 'n', type: 'text' }]
      const many = Array.from({ length: 100_000 }, (_, row) => row).join('\n')
      await writeFile(at('in.csv'), `n\n${many}\nx\n5\n`)
      const failing = async (columns: ImportColumn[], table = 'target', create = false) =>
        failureOf(importFile(host, table, columns, { create }).result)
      // The file itself, then a value that the server does not take, then a row that the table does not.
      expect(await failing(n)).toMatchObject({
        code: 'invalid-params',
        message: expect.stringContaining('Row 100,001') as string,
      })
      expect(await failing(asText)).toMatchObject({
        code: 'database',
        message: expect.stringContaining('Row 100,001 does not fit') as string,
        details: { engineCode: '22P02' },
      })
      await writeFile(at('in.csv'), `n\n${many}\n5\n`)
      expect(await failing(n)).toMatchObject({
        message: expect.stringContaining('Row 100,001 does not fit') as string,
        details: { engineCode: '23505' },
      })
      expect(await failing(n, 'nothere')).toMatchObject({ code: 'not-found' })
      expect(await failing(n, 'target', true)).toMatchObject({ details: { engineCode: '42P07' } })
      expect(await cells(host, 'SELECT count(*) FROM target')).toEqual([['0']])
      await rm(at('in.csv'))
      expect(await failing(n)).toMatchObject({ code: 'not-found' })
    }, 60_000)

    it('takes everything back when an import is cancelled, also while it waits for another session', async () => {
      const host = await openServerHost(server.address())
      await cells(host, 'CREATE TABLE held (n int)')
      await writeFile(at('held.csv'), 'n\n1\n')
      const locking = host.stream('statement.execute', { sql: 'BEGIN', owner: 1 })
      await locking.result
      await host.stream('statement.execute', { sql: 'LOCK TABLE held', owner: 1 }).result
      const cancelling = new AbortController()
      const importing = failureOf(
        importFile(host, 'held', [{ name: 'n', type: 'integer' }], {
          file: 'held.csv',
          create: false,
          signal: cancelling.signal,
        }).result,
      )
      const waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'COPY%'"
      while ((await cells(host, waits)).length === 0);
      cancelling.abort()
      expect((await importing).code).toBe('cancelled')
      await host.call('close', { owner: 1 })
      expect(await cells(host, 'SELECT count(*) FROM held')).toEqual([['0']])
    })

    it('refuses an import where nothing may be changed, and an export of what has no rows', async () => {
      const host = await openServerHost(server.address(), 'read-only')
      await writeFile(at('one.csv'), 'n\n1\n')
      const columns: ImportColumn[] = [{ name: 'n', type: 'integer' }]
      const refused = await failureOf(importFile(host, 'never', columns, { file: 'one.csv' }).result)
      expect(refused).toMatchObject({ details: { engineCode: '25006' } })
      const nothing = host.stream('export', {
        source: { kind: 'query', sql: 'SET application_name = $$x$$' },
        to: at('nothing.csv'),
        format: EXACT_CSV,
      })
      expect((await failureOf(nothing.result)).message).toContain('no rows')
    })
  },
)
