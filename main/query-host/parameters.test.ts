import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RowsItem } from '#contract/query-host.ts'
import type { QueryBudget } from '#contract/run.ts'
import type { SqlParams } from '#contract/sql-value.ts'
import { BOTH_WAYS } from './accelerator/library-fixture.ts'
import { cellsOf, failureOf, openTestHost, rowsChannel, type TestHost } from './host-fixture.ts'

const MANY = (rows: number): string =>
  `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ${rows}) SELECT i FROM n`

describe.each(BOTH_WAYS)('a query host %s', (_, library) => {
  let host: TestHost
  beforeEach(async () => {
    host = await openTestHost(library)
    await host.client.call('open', { path: host.make('a.db', 'CREATE TABLE t (a)'), mode: 'read-write' })
  })
  afterEach(() => host.close())

  /** Runs a statement and returns its rows as text. */
  async function rowsOf(sql: string, params?: SqlParams): Promise<string[][]> {
    const { passenger, client } = rowsChannel()
    const request = { sql, resultPath: host.at('result'), rows: 'all' as const }
    const execute = host.client.stream('execute', params === undefined ? request : { ...request, params }, {
      passengers: [passenger],
    })
    execute.result.catch(() => undefined)
    const items: RowsItem[] = []
    for await (const item of client.stream('rows', {})) items.push(item)
    await execute.result
    return items.filter(({ kind }) => kind === 'rows').flatMap(cellsOf)
  }

  const refused = async (sql: string, params?: SqlParams): Promise<string> =>
    (await failureOf(rowsOf(sql, params))).message

  describe('parameters', () => {
    it('are bound exactly: 64-bit integers, reals, blobs, texts and NULL', async () => {
      const params = [
        { integer: '-9223372036854775808' },
        { integer: '9007199254740993' },
        1,
        { real: 1 },
        0.1,
        { blob: '00ff' },
        "it's; DROP TABLE t --",
        null,
      ]
      const sql = `SELECT v, typeof(v) FROM (VALUES ${params.map(() => '(?)').join(', ')}) AS x (v)`
      expect(
        await rowsOf(
          sql.replace(' AS x (v)', '').replace('v, typeof(v)', 'column1, typeof(column1)'),
          params,
        ),
      ).toEqual([
        ['-9223372036854775808', 'integer'],
        ['9007199254740993', 'integer'],
        ['1', 'integer'],
        ['1.0', 'real'],
        ['0.1', 'real'],
        [expect.stringMatching(/00ff/i), 'blob'],
        ["it's; DROP TABLE t --", 'text'],
        ['', 'null'],
      ])
    })

    it('are given by name, by number and by position, as SQLite numbers them', async () => {
      expect(await rowsOf('SELECT :a, @b, $c, :a', { a: 1, b: 2, c: 3 })).toEqual([['1', '2', '3', '1']])
      expect(await rowsOf('SELECT :a, @a', { a: 1 })).toEqual([['1', '1']])
      expect(await rowsOf('SELECT ?2, ?1', ['x', 'y'])).toEqual([['y', 'x']])
      expect(await rowsOf('SELECT ?2, ?4', { 2: 'x', 4: 'y' })).toEqual([['x', 'y']])
      expect(await rowsOf('SELECT :a, ?, :b', [1, 2, 3])).toEqual([['1', '2', '3']])
    })

    it('say what is missing and what is too much, and run nothing then', async () => {
      expect(await refused('INSERT INTO t VALUES (:a + :b)', { a: 1 })).toBe(
        'The statement asks for a value for :b. Give it and run it again.',
      )
      expect(await refused('SELECT ?, ?', [1])).toContain('? (number 2)')
      expect(await refused('SELECT :a, ?')).toContain('values for :a, ? (number 2)')
      expect(await refused('SELECT :a', { a: 1, b: 2, c: 3 })).toContain('no parameter "b", "c"')
      expect(await refused('SELECT ?', [1, 2])).toContain(
        '2 values were given, but the statement has 1 parameter',
      )
      expect(await refused('SELECT 1', [1])).toContain('has 0 parameters')
      expect(await refused('SELECT :a, @a', [1, 2])).toContain('different prefixes')
      expect(await refused('SELECT ?', [{ integer: '9999999999999999999' }])).toContain('64 bits')
      expect(await rowsOf('SELECT count(*) FROM t')).toEqual([['0']])
    })

    it('are written by statements that change, also by one that answers with rows', async () => {
      expect(await rowsOf('INSERT INTO t VALUES (?)', [{ integer: '9007199254740993' }])).toEqual([])
      expect(await rowsOf('INSERT INTO t VALUES (:v) RETURNING a', { v: 'x' })).toEqual([['x']])
      expect(await rowsOf('SELECT a FROM t')).toEqual([['9007199254740993'], ['x']])
    })
  })

  describe('a budget', () => {
    const runWith = async (
      sql: string,
      budget: QueryBudget,
    ): Promise<{ rows: number; limitedBy: string | undefined; bytes: number; changes: number | null }> => {
      const { progress, limitedBy } = await host.client.stream('execute', {
        sql,
        budget,
        resultPath: host.at('result'),
        rows: 'none',
      }).result
      const { rows, bytes, changes } = progress
      return { rows, limitedBy, bytes, changes }
    }

    it('of rows ends a statement with exactly as many, and says so only when there were more', async () => {
      expect(await runWith(MANY(10_000), { rows: 5_000 })).toMatchObject({ rows: 5_000, limitedBy: 'rows' })
      expect(await runWith(MANY(5_000), { rows: 5_000 })).toMatchObject({ rows: 5_000, limitedBy: undefined })
      expect(await runWith(MANY(1), { rows: 0 })).toMatchObject({ rows: 0, limitedBy: 'rows' })
    })

    it('of bytes ends a statement within one chunk of it', async () => {
      const limited = await runWith(`SELECT randomblob(10000) FROM (${MANY(10_000)})`, { bytes: 5_000_000 })
      expect(limited.limitedBy).toBe('bytes')
      expect(limited.bytes).toBeGreaterThanOrEqual(5_000_000)
      expect(limited.bytes).toBeLessThan(8_000_000)
    })

    it('limits the rows that a change answers with, and not the change', async () => {
      const changed = await runWith(`INSERT INTO t ${MANY(100)} RETURNING a`, { rows: 10 })
      expect(changed).toMatchObject({ rows: 10, limitedBy: 'rows', changes: 100 })
      expect(await rowsOf('SELECT count(*) FROM t')).toEqual([['100']])
    })
  })

  it('refuses several statements and says where the second one begins', async () => {
    const failure = await failureOf(rowsOf(`SELECT ';' /* ; */; -- one\n SELECT 2`))
    expect(failure.message).toContain('more than one statement')
    expect(failure.details).toEqual({ position: 28 })
  })

  it('keeps statements prepared, and prepares them again after the schema was changed by anybody', async () => {
    const open = await rowsOf('SELECT * FROM t')
    expect(open).toEqual([])
    await rowsOf('INSERT INTO t VALUES (1)')
    await rowsOf('SELECT * FROM t')
    expect(host.statementCounts()).toEqual({ hits: 1, misses: 2 })
    await rowsOf('ALTER TABLE t ADD COLUMN b DEFAULT 2')
    expect(await rowsOf('SELECT * FROM t')).toEqual([['1', '2']])
    host.make('a.db', 'ALTER TABLE t ADD COLUMN c DEFAULT 3')
    expect(await rowsOf('SELECT * FROM t')).toEqual([['1', '2', '3']])
    await rowsOf('CREATE TEMP TABLE t (only)')
    expect(await rowsOf('SELECT * FROM t')).toEqual([])
  })
})
