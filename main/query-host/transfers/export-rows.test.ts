import { execFile } from 'node:child_process'
import { mkdir, readFile, rm, truncate } from 'node:fs/promises'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ExportFormat } from '#contract/transfer.ts'
import { BOTH_WAYS } from '../accelerator/library-fixture.ts'
import { failureOf } from '../host-fixture.ts'
import { EXACT_CSV, openTransferHost, PLAIN_CSV, type TransferHost } from './transfer-fixture.ts'

const run = promisify(execFile)
const MANY = (rows: number): string =>
  `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ${rows}) SELECT i, i * 0.5 AS half, 'row ' || i AS name FROM n`
/** One row of each kind of value. */
const KINDS = `SELECT 1 AS i, -9223372036854775807 - 1 AS least, 1.0 AS r, 9e999 AS inf, 'a,"b"' || char(10) || 'é' AS t, '' AS empty, NULL AS n, x'00ff' AS b`

describe.each(BOTH_WAYS)('an export %s', (_, library) => {
  let host: TransferHost
  beforeEach(async () => {
    host = await openTransferHost(undefined, library)
  })
  afterEach(() => host.close())

  async function written(sql: string, format: ExportFormat): Promise<string> {
    await rm(host.at('out'), { force: true })
    await host.exportQuery(sql, format, 'out').result
    return readFile(host.at('out'), 'utf8')
  }

  it('writes every kind of value to CSV, with NULL, empty text, numbers and blobs apart', async () => {
    expect(await written(KINDS, PLAIN_CSV)).toBe(
      'i,least,r,inf,t,empty,n,b\n1,-9223372036854775808,1.0,Inf,"a,""b""\né","",,\\x00ff\n',
    )
    expect(await written("SELECT 1 AS a, '1' AS b", EXACT_CSV)).toBe('a,b\n1,"1"\n')
    expect(
      await written("SELECT '\\x41' AS a, 'NULL' AS b, NULL AS c", { ...PLAIN_CSV, nullText: 'NULL' }),
    ).toBe('a,b,c\n"\\x41","NULL",NULL\n')
  })

  it('writes the mark of UTF-8 and leaves the header out when it is told to', async () => {
    const options = { nullText: '', quotes: 'needed' } as const
    expect(await written('SELECT 1', { kind: 'csv', header: false, bom: true, ...options })).toBe('\uFEFF1\n')
    expect(
      await written("SELECT 1 AS a, 'x' || char(9) AS b", {
        kind: 'tsv',
        header: true,
        bom: false,
        ...options,
      }),
    ).toBe('a\tb\n1\t"x\t"\n')
  })

  it('writes JSON and JSON lines that other programs read', async () => {
    const row = {
      i: 1,
      least: '-9223372036854775808',
      r: 1,
      inf: Infinity,
      t: 'a,"b"\né',
      empty: '',
      n: null,
      b: { blob: '00ff' },
    }
    expect(JSON.parse(await written(KINDS, { kind: 'json' }))).toEqual([row])
    expect(JSON.parse(await written(KINDS, { kind: 'jsonl' }))).toEqual(row)
    expect(JSON.parse(await written('SELECT 1 WHERE 0', { kind: 'json' }))).toEqual([])
  })

  it('writes Markdown', async () => {
    expect(await written("SELECT 1 AS a, 'x|y' AS b", { kind: 'markdown' })).toBe(
      '| a | b |\n| --- | --- |\n| 1 | x\\|y |\n',
    )
  })

  it('writes a script from which the sqlite3 shell makes the same values', async () => {
    const columns = 'i, least, r, inf, t, empty, n, b, z'
    const sql = `SELECT *, 'a' || char(0) || 'b' AS z FROM (${KINDS})`
    await host.exportQuery(sql, { kind: 'sql', table: 'the "table"' }, 'out.sql').result
    const copy = host.at('copy.db')
    const dump = `SELECT ${columns
      .split(', ')
      .map((name) => `typeof(${name}) || hex(${name})`)
      .join(" || ' ' || ")} FROM`
    await run('sqlite3', [copy, `CREATE TABLE "the ""table""" (${columns})`, `.read ${host.at('out.sql')}`])
    const { stdout: original } = await run('sqlite3', [':memory:', `${dump} (${sql})`])
    const { stdout: copied } = await run('sqlite3', [copy, `${dump} "the ""table"""`])
    expect(copied).toBe(original)
  })

  it('is read by the sqlite3 shell as the rows that were exported', async () => {
    await host.exportQuery(MANY(20_000), PLAIN_CSV, 'out.csv').result
    const { stdout } = await run('sqlite3', [
      ':memory:',
      '.mode csv',
      `.import ${host.at('out.csv')} t`,
      'SELECT count(*), sum(i), sum(half), count(DISTINCT name) FROM t',
    ])
    expect(stdout.trim()).toBe('20000,200010000,100005000.0,20000')
  })

  it('writes the columns that were chosen, in their order, from a finished result', async () => {
    const { rows } = await host.run(MANY(10_000))
    const progress = await host.client.stream('export', {
      source: { kind: 'result', path: host.at('result'), rows },
      columns: [2, 0],
      to: host.at('out.csv'),
      format: PLAIN_CSV,
    }).result
    const text = await readFile(host.at('out.csv'), 'utf8')
    expect(text.split('\n').slice(0, 2)).toEqual(['name,i', 'row 1,1'])
    expect(text.trimEnd().split('\n').at(-1)).toBe('row 10000,10000')
    expect(progress).toEqual({ rows: 10_000, bytes: text.length, total: 10_000 })
  })

  it('fails when the result was cut off, or its statement returns nothing, or a column is not there', async () => {
    const { rows } = await host.run(MANY(10_000))
    const exportResult = (columns: number[]): Promise<unknown> =>
      host.client.stream('export', {
        source: { kind: 'result', path: host.at('result'), rows },
        columns,
        to: host.at(`out-${columns.join('-')}.csv`),
        format: PLAIN_CSV,
      }).result
    expect(await failureOf(exportResult([3]))).toMatchObject({
      code: 'invalid-params',
      message: 'There is no column 4 in these rows of 3.',
    })
    await truncate(host.at('result.rows'), 100_000)
    expect(await failureOf(exportResult([0]))).toMatchObject({
      code: 'internal',
      message: expect.stringContaining('of its 10000 rows left') as string,
    })
    const nothing = host.exportQuery('CREATE TABLE u (a)', PLAIN_CSV, 'none.csv').result
    expect(await failureOf(nothing)).toMatchObject({
      message: expect.stringContaining('returns no rows') as string,
    })
  })

  it('takes parameters by position and by name, alone and together', async () => {
    const sources = [
      { sql: 'SELECT ? AS a, ? AS b', params: ['x', 2] },
      { sql: 'SELECT :a AS a, $b AS b', params: { a: 'x', b: 2 } },
      { sql: 'SELECT :a AS a, ? AS b', params: ['x', 2] },
      { sql: 'SELECT ?2 AS a, ?1 AS b', params: [2, 'x'] },
    ]
    for (const [index, source] of sources.entries()) {
      const to = host.at(`out-${index}.csv`)
      const request = { source: { kind: 'query' as const, ...source }, to, format: PLAIN_CSV }
      await host.client.stream('export', request).result
      expect(await readFile(to, 'utf8')).toBe('a,b\nx,2\n')
    }
  })

  it('fails as its statement does, also after many rows', async () => {
    const failing = `SELECT iif(i < 10000, i, abs(-9223372036854775808)) FROM (${MANY(20_000)})`
    expect(await failureOf(host.exportQuery(failing, PLAIN_CSV, 'out.csv').result)).toMatchObject({
      code: 'database',
      message: expect.stringContaining('integer overflow') as string,
    })
    expect(await failureOf(host.exportQuery('SELECT gone', PLAIN_CSV, 'gone.csv').result)).toMatchObject({
      code: 'database',
      message: expect.stringContaining('gone') as string,
    })
  })

  it('stops between rows', async () => {
    const cancelling = new AbortController()
    const exporting = host.exportQuery(MANY(100_000_000), PLAIN_CSV, 'out.csv', cancelling.signal)
    const failure = failureOf(exporting.result)
    for await (const { rows } of exporting) {
      expect(rows).toBeGreaterThan(0)
      cancelling.abort()
      break
    }
    expect(await failure).toMatchObject({ code: 'cancelled' })
  })

  it('says that the disk is full', async ({ skip }) => {
    await mkdir(host.at('disk'))
    try {
      await run('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', host.at('disk')])
    } catch (error) {
      skip(`A small disk cannot be mounted here: ${String(error)}`)
    }
    try {
      const failure = await failureOf(host.exportQuery(MANY(100_000), PLAIN_CSV, 'disk/out.csv').result)
      expect(failure).toMatchObject({ code: 'disk-full', details: { engineCode: 'ENOSPC' } })
    } finally {
      await run('umount', [host.at('disk')])
    }
  })

  it('does not write over a file that is there', async () => {
    await host.exportQuery('SELECT 1', PLAIN_CSV, 'out.csv').result
    expect(await failureOf(host.exportQuery('SELECT 2', PLAIN_CSV, 'out.csv').result)).toMatchObject({
      code: 'invalid-params',
      details: { engineCode: 'EEXIST' },
    })
    expect(await readFile(host.at('out.csv'), 'utf8')).toBe('1\n1\n')
  })
})
