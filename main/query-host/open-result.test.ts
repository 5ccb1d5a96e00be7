import { mkdtemp, open as openFile, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { buildChunks, type RawValue } from '#contract/chunk/encode.ts'
import type { ColumnInfo } from '#contract/run.ts'
import { BOTH_WAYS, builtLibrary } from './accelerator/library-fixture.ts'
import type { Connection } from './database-failure.ts'
import { failureOf } from './host-fixture.ts'
import { openDatabase } from './open.ts'
import { openResult } from './open-result.ts'
import { writeResult } from './result-writer.ts'

const COLUMNS: ColumnInfo[] = [
  { name: 'id', declaredType: 'INTEGER' },
  { name: 'name', declaredType: 'TEXT' },
  { name: 'any', declaredType: null },
]
const ROWS = 20_000
const ROWS_PER_CHUNK = 3_000
/** One value of every kind, in turn. */
const KINDS: readonly RawValue[] = [null, 2n ** 62n, 1.5, '数据😀', Buffer.from([0, 255]), -1n, '']

function row(index: number): RawValue[] {
  return [BigInt(index), `name ${index % 100}`, KINDS[index % KINDS.length] ?? null]
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "offloop-result's-"))
  onTestFinished(() => rm(path, { recursive: true }))
  return path
}

/** Writes a result, as a host does. @returns its path. */
async function put(columns: ColumnInfo[], rows: readonly RawValue[][], ended = true): Promise<string> {
  const path = join(await folder(), 'r')
  const writer = writeResult(path, columns)
  for (let from = 0; from < rows.length; from += ROWS_PER_CHUNK) {
    const builder = buildChunks(columns.length)
    const part = rows.slice(from, from + ROWS_PER_CHUNK)
    for (const values of part) builder.append(values)
    writer.write(builder.finish(), part.length)
  }
  if (ended) writer.end()
  writer.close()
  return path
}

const manyRows = Array.from({ length: ROWS }, (_, index) => row(index))

describe.each(BOTH_WAYS)('a finished result, queried %s', (_, library) => {
  async function open(path: string): Promise<Connection> {
    const connection = await openResult(path, library)
    onTestFinished(() => void connection.close())
    return connection
  }
  const all = (connection: Connection, sql: string): unknown[] =>
    connection.prepare<[], RawValue[]>(sql).raw().safeIntegers().all()

  it('is a table that holds every value exactly', async () => {
    const connection = await open(await put(COLUMNS, manyRows))
    expect(all(connection, 'SELECT * FROM result')).toEqual(manyRows)
    expect(all(connection, 'SELECT DISTINCT typeof("any") FROM result ORDER BY 1')).toEqual([
      ['blob'],
      ['integer'],
      ['null'],
      ['real'],
      ['text'],
    ])
  })

  it('can be sorted, filtered, grouped and searched', async () => {
    const connection = await open(await put(COLUMNS, manyRows))
    expect(all(connection, 'SELECT id FROM result ORDER BY name DESC, id DESC LIMIT 2')).toEqual([
      [19_999n],
      [19_899n],
    ])
    expect(all(connection, "SELECT count(*), sum(id) FROM result WHERE name = 'name 7'")).toEqual([
      [200n, 1_991_400n],
    ])
    expect(all(connection, "SELECT id FROM result WHERE name LIKE '%e 42' ORDER BY id LIMIT 1")).toEqual([
      [42n],
    ])
    expect(all(connection, 'SELECT count(DISTINCT name) FROM result')).toEqual([[100n]])
    expect(all(connection, 'SELECT count(*) FROM result')).toEqual([[BigInt(ROWS)]])
  })

  it('has the number of the row, from 1, as its rowid', async () => {
    const connection = await open(await put(COLUMNS, manyRows))
    const ids = (where: string): unknown[] => all(connection, `SELECT id FROM result WHERE ${where}`).flat()
    expect(ids('rowid = 1')).toEqual([0n])
    expect(ids('rowid = 20000')).toEqual([19_999n])
    expect(ids('rowid = 20001')).toEqual([])
    expect(ids('rowid = 0')).toEqual([])
    expect(ids('rowid = -9223372036854775808')).toEqual([])
    expect(ids('rowid > 19998')).toEqual([19_998n, 19_999n])
    expect(ids('rowid >= 19999.0')).toEqual([19_998n, 19_999n])
    expect(ids('rowid > 19998.5')).toEqual([19_998n, 19_999n])
    expect(ids('rowid < 3 ORDER BY rowid DESC')).toEqual([1n, 0n])
    expect(ids('rowid <= 3.9 AND rowid > 1')).toEqual([1n, 2n])
    expect(ids('rowid BETWEEN 3000 AND 3001')).toEqual([2_999n, 3_000n])
    expect(ids('rowid IN (5, 19000, 5, 99999)')).toEqual([4n, 18_999n])
    expect(ids("rowid = '7'")).toEqual([6n])
    expect(ids('rowid = 7.0')).toEqual([6n])
    expect(ids('rowid = 7.5')).toEqual([])
    for (const nothing of ["rowid = 'x'", 'rowid = NULL', 'rowid > NULL', "rowid = x'37'"]) {
      expect(ids(nothing), nothing).toEqual([])
    }
  })

  it('gives every column a name of its own', async () => {
    const named = ['a', 'A', '', 'a', 'a:1', 'we "ird', 'column3'].map((name) => ({
      name,
      declaredType: null,
    }))
    const connection = await open(await put(named, [named.map((_column, index) => BigInt(index))]))
    const columns = all(connection, "SELECT name FROM pragma_table_info('result')").flat()
    expect(columns).toEqual(['a', 'A:1', 'column3', 'a:2', 'a:1:1', 'we "ird', 'column3:1'])
    expect(all(connection, 'SELECT * FROM result')).toEqual([[0n, 1n, 2n, 3n, 4n, 5n, 6n]])
  })

  it('can only be read', async () => {
    const connection = await open(await put(COLUMNS, manyRows))
    for (const sql of [
      'DELETE FROM result',
      'UPDATE result SET id = 1',
      'CREATE TABLE t (a)',
      'DROP TABLE result',
    ])
      expect(() => connection.exec(sql), sql).toThrow()
  })

  it('shows the rows so far of one that was stopped, and none of an empty one', async () => {
    const stopped = await open(await put(COLUMNS, manyRows.slice(0, 4_000), false))
    expect(all(stopped, 'SELECT count(*) FROM result')).toEqual([[4_000n]])
    expect(all(await open(await put(COLUMNS, [])), 'SELECT * FROM result')).toEqual([])
  })

  it('says what is missing or cannot be a table', async () => {
    const gone = join(await folder(), 'gone')
    expect(await failureOf(openResult(gone, library))).toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('The result of run gone is no longer there') as string,
    })
    const changed = await put([], [])
    expect((await failureOf(openResult(changed, library))).message).toContain(
      'its statement returned no rows',
    )
    const path = await put(COLUMNS, manyRows)
    await truncate(`${path}.rows`, 20)
    expect((await failureOf(openResult(path, library))).message).toContain('beginning of the result file')
  })

  it('reads what is whole of a file that was cut off, without its index too', async () => {
    const path = await put(COLUMNS, manyRows)
    const file = await openFile(`${path}.rows`)
    const { size } = await file.stat()
    await file.close()
    await truncate(`${path}.rows`, size - 1_000)
    const whole = [[18_000n]]
    expect(all(await open(path), 'SELECT count(*) FROM result')).toEqual(whole)
    await truncate(`${path}.index`, 70)
    expect(all(await open(path), 'SELECT count(*) FROM result')).toEqual(whole)
    await rm(`${path}.index`)
    expect(all(await open(path), 'SELECT count(*) FROM result')).toEqual(whole)
  })

  it('names the rows that are damaged, and shows those before', async () => {
    const path = await put(COLUMNS, manyRows)
    const file = await openFile(`${path}.rows`, 'r+')
    const { size } = await file.stat()
    await file.write(Buffer.from([0x5a]), 0, 1, Math.floor(size / 2))
    await file.close()
    const connection = await open(path)
    expect(() => all(connection, 'SELECT sum(id) FROM result')).toThrow(
      /rows 9001 to 12000 of this result are damaged/,
    )
    expect(all(connection, 'SELECT id FROM result LIMIT 9000')).toHaveLength(9_000)
  })
})

it.skipIf(builtLibrary === undefined)(
  'compares as the selected column did, where the extension knows its type',
  async () => {
    const connection = await openDatabase(`result:${await put(COLUMNS, manyRows)}`, 'read-only', {
      library: builtLibrary,
    })
    expect(connection.prepare("SELECT count(*) FROM result WHERE id = '7'").pluck().get()).toBe(1)
    expect(
      connection
        .prepare("SELECT name FROM result WHERE name = 'NAME 7' COLLATE NOCASE LIMIT 1")
        .pluck()
        .get(),
    ).toBe('name 7')
    connection.close()
  },
)
