import Database from 'better-sqlite3'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { buildChunks, type RawValue } from '#contract/chunk/encode.ts'
import { readChunk, type Cell } from '#contract/chunk/read.ts'
import type { Connection } from '../database-failure.ts'
import type { PackedRows } from '../packed-rows.ts'
import { loadAccelerator, type Accelerator } from './load.ts'
import { builtLibrary } from './library-fixture.ts'

const NUMBERS = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)'
/** More than any statement here has or takes. */
const MANY = 10_000

function load(): { connection: Connection; accelerator: Accelerator } {
  const connection = new Database(':memory:')
  onTestFinished(() => void connection.close())
  return { connection, accelerator: loadAccelerator(connection, builtLibrary ?? '') }
}

/** All chunks of a statement, of at most `rows` rows each. */
function chunksOf(packed: PackedRows, rows: number): Uint8Array[] {
  const chunks: Uint8Array[] = []
  try {
    for (;;) {
      const answer = packed.next(rows, MANY, MANY)
      if (answer === null) return chunks
      if (typeof answer !== 'number') chunks.push(answer)
    }
  } finally {
    packed.close()
  }
}

/** What a statement throws: the engine's code and message. */
function errorOf(run: () => unknown): unknown {
  try {
    run()
    return undefined
  } catch (error) {
    return error instanceof Error && 'code' in error ? [error.code, error.message] : error
  }
}

const integer = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -(2n ** 31n) - 2n, max: 2n ** 31n + 2n }),
)
const real = fc.double({ noNaN: true })
const text = fc.string({ unit: 'binary', maxLength: 20 })
const blob = fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes))
/** Most columns hold one kind of value, some hold any. */
const columnKind = fc.constantFrom<fc.Arbitrary<RawValue>>(
  integer,
  real,
  text,
  blob,
  fc.constant(null),
  fc.oneof(integer, real, text, blob),
  fc.oneof(integer, real),
)
const tableRows = fc
  .array(columnKind, { minLength: 1, maxLength: 6 })
  .chain((kinds) =>
    fc.array(fc.tuple(...kinds.map((kind) => fc.option(kind, { freq: 6 }))), { minLength: 1, maxLength: 70 }),
  )

describe.skipIf(builtLibrary === undefined)('rows that the extension packs', () => {
  it('are byte for byte the chunks that JavaScript makes of the same rows', () => {
    fc.assert(
      fc.property(tableRows, fc.integer({ min: 1, max: 80 }), (rows, rowsPerChunk) => {
        const connection = new Database(':memory:')
        const { open } = loadAccelerator(connection, builtLibrary ?? '')
        const width = rows[0]?.length ?? 0
        const names = Array.from({ length: width }, (_, index) => `c${index}`).join()
        connection.exec(`CREATE TABLE t (${names})`)
        const insert = connection.prepare(`INSERT INTO t VALUES (${'?,'.repeat(width).slice(0, -1)})`)
        for (const row of rows) insert.run(...row)
        const stored = connection.prepare<[], RawValue[]>('SELECT * FROM t').raw().safeIntegers().all()
        const expected: Uint8Array[] = []
        for (let from = 0; from < stored.length; from += rowsPerChunk) {
          const builder = buildChunks(width)
          for (const row of stored.slice(from, from + rowsPerChunk)) builder.append(row)
          expected.push(builder.finish())
        }
        expect(chunksOf(open('SELECT * FROM t', width), rowsPerChunk)).toEqual(expected)
        connection.close()
      }),
      { numRuns: 150 },
    )
  })

  it('keep the bytes of a text that is not UTF-8, which JavaScript cannot', () => {
    const { accelerator } = load()
    const [chunk] = chunksOf(accelerator.open("SELECT CAST(x'ff41fe' AS TEXT), 'ä'", 2), MANY)
    const cells = readChunk(chunk ?? new Uint8Array())
    expect(cells.cell(0, 0)).toEqual({ kind: 'text', bytes: new Uint8Array([0xff, 0x41, 0xfe]) })
    expect(cells.cell(0, 1)).toEqual({ kind: 'text', bytes: new TextEncoder().encode('ä') })
  })

  it('are UTF-8 out of a UTF-16 database', () => {
    const connection = new Database(':memory:')
    connection.pragma('encoding = "UTF-16le"')
    connection.exec("CREATE TABLE t (a); INSERT INTO t VALUES ('数据 😀'), (''), (NULL), (1)")
    const [chunk] = chunksOf(loadAccelerator(connection, builtLibrary ?? '').open('SELECT a FROM t', 1), MANY)
    const cell = readChunk(chunk ?? new Uint8Array()).cell(0, 0)
    expect(cell).toEqual({ kind: 'text', bytes: new TextEncoder().encode('数据 😀') })
    connection.close()
  })

  it('come in chunks of at most 4,096 rows and about 1 MiB, and those at hand on demand', () => {
    const { accelerator } = load()
    const counts = (sql: string, rows: number): number[] =>
      chunksOf(accelerator.open(sql, 1), rows).map((chunk) => readChunk(chunk).rowCount)
    expect(counts(`${NUMBERS} SELECT i FROM n LIMIT 9000`, MANY)).toEqual([4_096, 4_096, 808])
    expect(counts(`${NUMBERS} SELECT zeroblob(600000) FROM n LIMIT 5`, MANY)).toEqual([2, 2, 1])
    const packed = accelerator.open(`${NUMBERS} SELECT i FROM n`, 1)
    let atHand: ReturnType<PackedRows['next']> = 0
    while (atHand === 0) atHand = packed.next(MANY, 0, MANY)
    expect(atHand).toBe(1)
    expect(readChunk(packed.next(0, 0, MANY) as Uint8Array).rowCount).toBe(1)
    expect(packed.next(0, 0, MANY)).toBe(0)
    packed.close()
  })

  it("come before the error that ends them, which is then the engine's own", () => {
    const { connection, accelerator } = load()
    const sql = `WITH m AS (${NUMBERS} SELECT i FROM n LIMIT 10) SELECT CASE i WHEN 5 THEN abs(-9223372036854775807 - 1) ELSE i END FROM m`
    const packed = accelerator.open(sql, 1)
    expect(readChunk(packed.next(MANY, MANY, MANY) as Uint8Array).rowCount).toBe(4)
    const packedError = errorOf(() => packed.next(MANY, MANY, MANY))
    expect(packedError).toEqual(errorOf(() => connection.prepare(sql).all()))
    expect(packedError).toEqual(['SQLITE_ERROR', 'integer overflow'])
    expect(errorOf(() => packed.next(MANY, MANY, MANY))).toEqual(packedError)
    packed.close()
    packed.close()
    expect(errorOf(() => accelerator.open('SELECT a FROM gone', 1))).toEqual(
      errorOf(() => connection.prepare('SELECT a FROM gone')),
    )
  })

  it('take parameters by their numbers', () => {
    const { accelerator } = load()
    const first = (packed: PackedRows): Cell[] => {
      const chunk = readChunk(chunksOf(packed, MANY)[0] ?? new Uint8Array())
      return Array.from({ length: chunk.columnCount }, (_, column) => chunk.cell(0, column))
    }
    const expected = [
      { kind: 'integer', value: 9_007_199_254_740_993n },
      { kind: 'real', value: 1 },
      { kind: 'null' },
    ] as Cell[]
    expect(first(accelerator.open('SELECT ?, ?, ?', 3, [9_007_199_254_740_993n, 1, null]))).toEqual(expected)
    const [a, b, c] = [9_007_199_254_740_993n, 1, null]
    expect(first(accelerator.open('SELECT :a, @b, $c', 3, [a, b, c]))).toEqual(expected)
    expect(errorOf(() => accelerator.open('SELECT :a', 1, [1n, 2n]))).toEqual([
      'SQLITE_RANGE',
      'column index out of range',
    ])
  })

  it('are not given for what returns no rows, nor for a handle that is not known', () => {
    const { connection, accelerator } = load()
    connection.exec('CREATE TABLE t (a)')
    for (const sql of ['INSERT INTO t VALUES (1)', 'DELETE FROM t', '', 'BEGIN']) {
      expect(
        errorOf(() => accelerator.open(sql, 1)),
        sql,
      ).toEqual(['SQLITE_MISUSE', 'this is not a statement that returns so many columns'])
    }
    for (const handle of ['1', '0', 'NULL', "'x'", '-1']) {
      const [code] = errorOf(() => connection.prepare(`SELECT offloop_next(${handle}, 1, 1, 1)`).get()) as [
        string,
      ]
      expect(code, handle).toBe('SQLITE_MISUSE')
      expect(connection.prepare(`SELECT offloop_close(${handle})`).pluck().get()).toBeNull()
    }
  })
})

describe.skipIf(builtLibrary === undefined)('a connection with the extension', () => {
  it('loads no other one, and nothing of it can be called from a view', () => {
    const { connection } = load()
    expect(errorOf(() => connection.loadExtension(builtLibrary ?? ''))).toEqual([
      'SQLITE_ERROR',
      'not authorized',
    ])
    expect(errorOf(() => connection.prepare("SELECT load_extension('x')").get())).toBeDefined()
    expect(errorOf(() => connection.prepare("SELECT offloop_settle('/tmp/x', 1)").get())).toEqual([
      'SQLITE_AUTH',
      'this was settled when the database was opened',
    ])
    connection.exec('CREATE VIEW v AS SELECT offloop_unwatch()')
    expect(errorOf(() => connection.prepare('SELECT * FROM v').get())).toEqual([
      'SQLITE_ERROR',
      'unsafe use of offloop_unwatch()',
    ])
    expect(errorOf(() => connection.exec("CREATE VIRTUAL TABLE r USING offloop_result('/tmp/x')"))).toEqual([
      'SQLITE_ERROR',
      'no such module: offloop_result',
    ])
  })

  it('knows the place of an error, in characters of JavaScript', () => {
    const { accelerator } = load()
    expect(accelerator.errorPosition("SELECT '数据😀', nope, nope")).toBe(15)
    expect(accelerator.errorPosition('SELECT 1')).toBeUndefined()
  })
})
