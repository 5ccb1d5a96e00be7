import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readChunk } from '#contract/chunk/read.ts'
import { cellText } from '#contract/chunk/cell-text.ts'
import type { SqlParams } from '#contract/sql-value.ts'
import type { StatementEnd, StatementRows } from '#contract/statement.ts'
import { BOTH_WAYS } from './accelerator/library-fixture.ts'
import { failureOf, openTestHost, type TestHost } from './host-fixture.ts'

describe.each(BOTH_WAYS)('a statement of many on one connection, %s', (_, library) => {
  let host: TestHost
  beforeEach(async () => {
    host = await openTestHost(library)
  })
  afterEach(() => host.close())

  async function open(mode: 'read-only' | 'read-write' = 'read-write'): Promise<void> {
    const path = host.make('a.db', 'create table if not exists t(a integer primary key, b)')
    await host.client.call('open', { path, mode })
  }

  async function execute(
    sql: string,
    params?: SqlParams,
  ): Promise<{ readonly end: StatementEnd; readonly rows: string[][]; readonly parts: number }> {
    const stream = host.client.stream('statement.execute', { sql, ...(params ? { params } : {}) })
    const parts: StatementRows[] = []
    for await (const part of stream) if ('rows' in part) parts.push(part)
    const end = await stream.result
    if (end.last) parts.push(end.last)
    const rows = parts.flatMap(({ chunk }) => {
      const read = readChunk(chunk)
      return Array.from({ length: read.rowCount }, (_, row) =>
        Array.from({ length: read.columnCount }, (_, column) => cellText(read.cell(row, column))),
      )
    })
    return { end, rows, parts: parts.length }
  }

  test('a small result comes whole with the end, its columns too', async () => {
    await open()
    const { end, rows, parts } = await execute("select 1 as a, x'ff' as b")
    expect(parts).toBe(1)
    expect(rows).toEqual([['1', 'FF']])
    expect(end.columns?.map(({ name }) => name)).toEqual(['a', 'b'])
    expect(end).toMatchObject({ changes: null, inTransaction: false })
  })

  test('a large result comes in parts, of which the first names the columns', async () => {
    await open()
    const sql = 'with recursive r(n) as (select 1 union all select n + 1 from r limit 20000) select n from r'
    const { rows, parts } = await execute(sql)
    expect(parts).toBeGreaterThan(2)
    expect(rows.map(([n]) => Number(n))).toEqual(Array.from({ length: 20_000 }, (_, n) => n + 1))
  })

  test('changes are counted, also of a statement that answers with rows', async () => {
    await open()
    expect((await execute('insert into t(b) values (1), (2)')).end).toMatchObject({
      columns: null,
      changes: 2,
    })
    expect((await execute('delete from t returning b')).end.changes).toBe(2)
    expect((await execute('create table u(a)')).end.changes).toBe(0)
  })

  test('a transaction lasts from one to the next, also over an error', async () => {
    await open()
    expect((await execute('begin')).end.inTransaction).toBe(true)
    await execute('insert into t values (1, 2)')
    await failureOf(execute('insert into t values (1, 3)'))
    expect((await execute('select count(*) from t')).rows).toEqual([['1']])
    expect((await execute('rollback')).end.inTransaction).toBe(false)
    expect((await execute('select count(*) from t')).rows).toEqual([['0']])
  })

  test('columns of a changed table are those of now', async () => {
    await open()
    await execute('insert into t values (1, 2)')
    await execute('select * from t')
    await execute('alter table t add column c default 3')
    expect((await execute('select * from t')).rows).toEqual([['1', '2', '3']])
  })

  test('parameters go by position and by name, each with its own type', async () => {
    await open()
    const values: SqlParams = [
      null,
      7,
      7.5,
      { real: 7 },
      { integer: '9223372036854775807' },
      { blob: '00' },
      'x',
    ]
    const { rows } = await execute(
      'select typeof(?), typeof(?), typeof(?), typeof(?), ?, typeof(?), typeof(?)',
      values,
    )
    expect(rows).toEqual([['null', 'integer', 'real', 'real', '9223372036854775807', 'blob', 'text']])
    expect((await execute('select :a + @b + $c', { a: 1, b: 2, c: 3 })).rows).toEqual([['6']])
  })

  test('a parameter that is missing or too large fails that statement alone', async () => {
    await open()
    expect((await failureOf(execute('select ?', []))).code).toBe('database')
    expect((await failureOf(execute('select :a', {}))).message).toContain(':a')
    expect((await failureOf(execute('select ?', [{ integer: '9223372036854775808' }]))).message).toContain(
      '64 bits',
    )
    expect((await execute('select ?', [1])).rows).toEqual([['1']])
  })

  test('a cancel is heard between two rows', async () => {
    await open()
    const controller = new AbortController()
    const sql = 'with recursive r(n) as (select 1 union all select n + 1 from r) select n from r'
    const stream = host.client.stream('statement.execute', { sql }, { signal: controller.signal })
    const reading = (async () => {
      for await (const part of stream) if ('rows' in part && part.rows > 0) controller.abort()
    })()
    expect((await failureOf(reading)).code).toBe('cancelled')
    expect((await execute('select 1')).rows).toEqual([['1']])
  })

  test('a read-only connection writes nothing, not even a copy', async () => {
    await open('read-only')
    expect((await failureOf(execute('insert into t values (1, 1)'))).details?.engineCode).toBe(
      'SQLITE_READONLY',
    )
    expect((await failureOf(execute(`vacuum into '${host.at('copy.db')}'`))).code).toBe('database')
  })

  test('closing rolls back and forgets what was temporary', async () => {
    await open()
    await execute('create temp table x(a)')
    await execute('begin')
    await execute('insert into t values (1, 1)')
    await host.client.call('close', {})
    expect((await execute('select count(*) from t')).rows).toEqual([['0']])
    expect((await failureOf(execute('select * from x'))).message).toContain('no such table')
  })

  test('the rows before an error are sent', async () => {
    await open()
    const sql = 'select 1 union all select abs(-9223372036854775807 - 1)'
    const stream = host.client.stream('statement.execute', { sql })
    const rows: number[] = []
    const reading = (async () => {
      for await (const part of stream) if ('rows' in part) rows.push(part.rows)
    })()
    expect(await failureOf(reading)).toMatchObject({ code: 'database', message: 'integer overflow' })
    expect(rows).toEqual([1])
  })

  test('a cancelled change that answers with rows is undone, in a transaction that stays open too', async () => {
    await open()
    const stopped = async (): Promise<void> => {
      const controller = new AbortController()
      const many =
        'with recursive r(n) as (select 1 union all select n + 1 from r limit 100000) select n from r'
      const sql = `insert into t(b) ${many} returning a`
      const stream = host.client.stream(
        'statement.execute',
        { sql },
        { signal: controller.signal, credit: 1 },
      )
      await stream[Symbol.asyncIterator]().next()
      controller.abort()
      expect((await failureOf(stream.result)).code).toBe('cancelled')
    }
    await stopped()
    expect((await execute('select count(*) from t')).rows).toEqual([['0']])
    await execute('begin')
    await execute('insert into t(b) values (1)')
    await stopped()
    expect((await execute('select count(*) from t')).end.inTransaction).toBe(true)
    expect((await execute('commit')).end.inTransaction).toBe(false)
    expect((await execute('select count(*) from t')).rows).toEqual([['1']])
  })

  test('text that is not UTF-8 arrives as it is with the extension, also of a change, and replaced without it', async () => {
    await open()
    const bytesOf = async (sql: string, params: SqlParams): Promise<unknown> => {
      const { last } = await host.client.stream('statement.execute', { sql, params }).result
      return last && readChunk(last.chunk).cell(0, 0)
    }
    const bytes = library === undefined ? Buffer.from('\uFFFDA\uFFFD') : [0xff, 0x41, 0xfe]
    const expected = { kind: 'text', bytes: new Uint8Array(bytes) }
    const params = { a: { blob: 'ff41fe' } }
    expect(await bytesOf('select cast(:a as text)', params)).toEqual(expected)
    expect(await bytesOf('insert into t(b) values (cast(:a as text)) returning b', params)).toEqual(expected)
  })
})
