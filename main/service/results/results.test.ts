import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { MessageChannel } from 'node:worker_threads'
import { describe, expect, it, onTestFinished } from 'vitest'
import { cellText } from '#contract/chunk/cell-text.ts'
import type { RawValue } from '#contract/chunk/encode.ts'
import { readChunk } from '#contract/chunk/read.ts'
import type { Run, RunState } from '#contract/run.ts'
import { serviceContract } from '#contract/service.ts'
import type { CopyFormat } from '#contract/transfer.ts'
import { connect, type Client } from '#kit/client.ts'
import { dialWithEnvelopes } from '#kit/dial.ts'
import { nodePort } from '#kit/node-port.ts'
import { RequestFailed } from '#kit/request-failed.ts'
import { serve } from '#kit/serve.ts'
import { putResult, resultBytes, resultFolder } from './result-fixture.ts'
import { serveResults } from './results.ts'

const ROWS_PER_CHUNK = 100
const CHUNKS = 12

const DONE: RunState = { kind: 'done', startedAt: 1, endedAt: 2, durationMs: 1 }
const RUNNING: RunState = { kind: 'running', startedAt: 1, stopping: false, adopted: false }

/** Chunks of which every other one has integers that need 64 bits, so that pages across them change the form. */
const chunks: RawValue[][][] = Array.from({ length: CHUNKS }, (_, chunk) =>
  Array.from({ length: ROWS_PER_CHUNK }, (__, index) => {
    const row = chunk * ROWS_PER_CHUNK + index
    return [BigInt(row) * (chunk % 2 === 0 ? 1n : 2n ** 40n), row % 7 === 0 ? null : `text ${row}`]
  }),
)
const whole = resultBytes(['number', 'text'], chunks)
const rowCount = CHUNKS * ROWS_PER_CHUNK

/** The part of the service's contract that is tried here. */
const resultContract = {
  'result.describe': serviceContract['result.describe'],
  'result.rows': serviceContract['result.rows'],
  'result.cell': serviceContract['result.cell'],
  'result.copy': serviceContract['result.copy'],
  'result.discard': serviceContract['result.discard'],
}

interface Served {
  readonly folder: string
  readonly ask: Client<typeof resultContract>['call']
}

/** Serves results of a folder over real ports, as of runs 1 to 99 in a state. */
async function serving(state: RunState = DONE, derivedFrom?: number): Promise<Served> {
  const folder = await resultFolder()
  const look = derivedFrom === undefined ? {} : { derivedFrom }
  const spec = { kind: 'query', database: '/a', mode: 'read-only', sql: '', ...look } as const
  const progress = { columns: null, rows: 0, bytes: 0, changes: null }
  const results = serveResults({
    store: {
      get: async (id): Promise<Run | undefined> =>
        id < 100 ? { id, createdAt: 1, kind: 'query', spec, state, progress } : undefined,
    },
    resultPath: (id) => join(folder, String(id)),
  })
  const { port1, port2 } = new MessageChannel()
  serve(resultContract, nodePort(port2), results.handlers)
  const session = nodePort(port1)
  const client = connect(resultContract, session, dialWithEnvelopes(session))
  onTestFinished(async () => {
    session.close()
    await results.close()
  })
  return { folder, ask: client.call }
}

async function failureOf(promise: Promise<unknown>): Promise<RequestFailed['failure']> {
  const thrown: unknown = await promise.then(
    () => new Error('it did not fail'),
    (error: unknown) => error,
  )
  if (thrown instanceof RequestFailed) return thrown.failure
  throw thrown
}

function texts(bytes: Uint8Array): string[][] {
  const chunk = readChunk(bytes)
  return Array.from({ length: chunk.rowCount }, (_, row) =>
    Array.from({ length: chunk.columnCount }, (__, column) => cellText(chunk.cell(row, column))),
  )
}

/** Changes one bit. */
function flip(bytes: Buffer, at: number): void {
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
}

const expected = (from: number, count: number): string[][] =>
  chunks
    .flat()
    .slice(from, from + count)
    .map((row) => row.map((value) => value?.toString() ?? ''))

describe('a page of rows', () => {
  it('is what was written, from wherever it begins, also across chunks and beyond the end', async () => {
    const { folder, ask } = await serving()
    await putResult(join(folder, '1'), whole)
    for (const [from, count] of [
      [0, 10],
      [95, 10],
      [50, 1_000],
      [rowCount - 1, 10],
      [rowCount, 10],
      [rowCount * 9, 10],
    ] as const) {
      const page = await ask('result.rows', { id: 1, from, count })
      expect([page.firstRow, page.rowsSoFar, page.cut]).toEqual([from, rowCount, []])
      expect(texts(page.chunk)).toEqual(expected(from, count))
    }
  })

  it('carries the beginning of a long value and says how long it is', async () => {
    const { folder, ask } = await serving()
    await putResult(join(folder, '1'), resultBytes(['a'], [[['x'.repeat(1_000_000)]]]))
    const page = await ask('result.rows', { id: 1, from: 0, count: 1 })
    expect(page.cut).toEqual([[0, 0, 1_000_000]])
    expect(page.chunk.length).toBeLessThan(5_000)
    const cell = await ask('result.cell', { id: 1, row: 0, column: 0 })
    expect([cell.kind, cell.text.length, cell.bytes]).toEqual(['text', 1_000_000, 1_000_000])
  })

  it('grows with its file', async () => {
    const { folder, ask } = await serving(RUNNING)
    const half = whole.chunkEnds[4] ?? 0
    await putResult(join(folder, '1'), {
      rows: whole.rows.subarray(0, half),
      index: whole.index.subarray(0, 5 * 32),
    })
    expect(await ask('result.describe', { id: 1 })).toMatchObject({ rows: 500, complete: false })
    await putResult(join(folder, '1'), whole)
    expect(await ask('result.describe', { id: 1 })).toMatchObject({ rows: rowCount, complete: true })
    expect(texts((await ask('result.rows', { id: 1, from: 499, count: 2 })).chunk)).toEqual(expected(499, 2))
  })

  it('is found in any of many results, more than stay open', async () => {
    const { folder, ask } = await serving()
    const ids = Array.from({ length: 40 }, (_, index) => index + 1)
    for (const id of ids) await putResult(join(folder, String(id)), whole)
    const pages = await Promise.all(
      [...ids, ...ids].map((id) => ask('result.rows', { id, from: id * 10, count: 3 })),
    )
    for (const { firstRow, chunk } of pages) expect(texts(chunk)).toEqual(expected(firstRow, 3))
  })
})

describe('a result after a crash', () => {
  it('is read as far as it got, wherever its end was torn off', async () => {
    const { folder, ask } = await serving()
    let id = 0
    for (const end of [...whole.chunkEnds, whole.rows.length]) {
      for (const torn of [1, 10, 30]) {
        id += 1
        await putResult(join(folder, String(id)), {
          rows: whole.rows.subarray(0, end - torn),
          index: whole.index,
        })
        const chunksLeft = whole.chunkEnds.filter((chunkEnd) => chunkEnd <= end - torn).length
        expect(await ask('result.describe', { id })).toMatchObject({
          rows: chunksLeft * ROWS_PER_CHUNK,
          complete: true,
        })
      }
    }
  })

  it('is read without its index, or with one that is torn or behind', async () => {
    const { folder, ask } = await serving()
    const indexes = [
      undefined,
      new Uint8Array(),
      whole.index.subarray(0, 70),
      Buffer.alloc(whole.index.length, 7),
    ]
    for (const [at, index] of indexes.entries()) {
      await putResult(join(folder, String(at + 1)), { rows: whole.rows, ...(index ? { index } : {}) })
      expect(texts((await ask('result.rows', { id: at + 1, from: 1_150, count: 5 })).chunk)).toEqual(
        expected(1_150, 5),
      )
    }
  })

  it('names the file when rows in it have changed, and still gives the others', async () => {
    const { folder, ask } = await serving()
    const rows = Buffer.from(whole.rows)
    flip(rows, (whole.chunkEnds[2] ?? 0) - 20)
    await putResult(join(folder, '1'), { rows, index: whole.index })
    const failure = await failureOf(ask('result.rows', { id: 1, from: 250, count: 1 }))
    expect(failure.message).toBe(
      `The result file ${join(folder, '1')}.rows is damaged: rows 201 to 300 have changed. ` +
        'Only this result is affected; run its query again to have it back.',
    )
    expect(texts((await ask('result.rows', { id: 1, from: 300, count: 5 })).chunk)).toEqual(expected(300, 5))
  })

  it('names the file when its beginning is damaged', async () => {
    const { folder, ask } = await serving()
    await putResult(join(folder, '1'), { rows: Buffer.alloc(200, 1) })
    expect((await failureOf(ask('result.describe', { id: 1 }))).message).toContain('1.rows is damaged')
    const rows = Buffer.from(whole.rows)
    flip(rows, 20)
    await putResult(join(folder, '2'), { rows })
    expect((await failureOf(ask('result.describe', { id: 2 }))).message).toContain('list of columns')
  })

  it('is not found when its files or its run are gone', async () => {
    const { ask } = await serving()
    expect(await failureOf(ask('result.describe', { id: 1 }))).toMatchObject({ code: 'not-found' })
    expect(await failureOf(ask('result.rows', { id: 1, from: 0, count: 1 }))).toMatchObject({
      code: 'not-found',
    })
    expect(await failureOf(ask('result.describe', { id: 100 }))).toMatchObject({ code: 'not-found' })
  })

  it('has no rows yet while its run has not begun to write', async () => {
    const { folder, ask } = await serving(RUNNING)
    const none = { columns: [], rows: 0, bytes: 0, complete: false }
    expect(await ask('result.describe', { id: 1 })).toEqual(none)
    await putResult(join(folder, '1'), { rows: whole.rows.subarray(0, 20) })
    expect(await ask('result.describe', { id: 1 })).toEqual(none)
  })
})

describe('a cell', () => {
  it('comes with its kind, blobs in hexadecimal', async () => {
    const { folder, ask } = await serving()
    const row: RawValue[] = [null, 9_007_199_254_740_993n, 2, 'é', new Uint8Array([1, 254])]
    await putResult(join(folder, '1'), resultBytes(['a', 'b', 'c', 'd', 'e'], [[row]]))
    const cells = await Promise.all(row.map((_, column) => ask('result.cell', { id: 1, row: 0, column })))
    expect(cells.map(({ kind, text, bytes }) => [kind, text, bytes])).toEqual([
      ['null', '', 0],
      ['integer', '9007199254740993', 0],
      ['real', '2.0', 0],
      ['text', 'é', 2],
      ['blob', '01FE', 2],
    ])
    for (const place of [
      { row: 1, column: 0 },
      { row: 0, column: 5 },
    ]) {
      expect(await failureOf(ask('result.cell', { id: 1, ...place }))).toMatchObject({ code: 'not-found' })
    }
  })
})

describe('a copy', () => {
  it('is pasted by spreadsheets as it was, with the columns in the order asked for', async () => {
    const { folder, ask } = await serving()
    const rows: RawValue[][] = [
      ['plain', 1n],
      ['tab\there', 1.5],
      ['line\nbreak', null],
      ['say "hi"', new Uint8Array([10])],
    ]
    await putResult(join(folder, '1'), resultBytes(['na"me', 'n'], [rows]))
    const { text } = await ask('result.copy', {
      id: 1,
      from: 0,
      count: 10,
      columns: [1, 0],
      format: { kind: 'tsv', header: true },
    })
    expect(text).toBe('n\t"na""me"\n1\tplain\n1.5\t"tab\there"\n\t"line\nbreak"\n0A\t"say ""hi"""')
  })

  it('has the form that an export would have, in every format of text', async () => {
    const { folder, ask } = await serving()
    const rows: RawValue[][] = [
      ['one', 1n, null],
      ['a, "b"', 1.5, new Uint8Array([10])],
      ['three', 3n, ''],
    ]
    await putResult(join(folder, '1'), resultBytes(['text', 'n', 'any'], [rows]))
    const copy = async (format: CopyFormat, columns = [0, 1, 2]): Promise<string> =>
      (await ask('result.copy', { id: 1, from: 1, count: 2, columns, format })).text
    expect(await copy({ kind: 'csv', header: true })).toBe('text,n,any\n"a, ""b""",1.5,\\x0a\nthree,3,""')
    expect(await copy({ kind: 'csv', header: false }, [1])).toBe('1.5\n3')
    expect(await copy({ kind: 'json' }, [0, 1])).toBe(
      '[\n{"text":"a, \\"b\\"","n":1.5},\n{"text":"three","n":3}\n]',
    )
    expect(await copy({ kind: 'jsonl' }, [2, 1])).toBe('{"any":{"blob":"0a"},"n":1.5}\n{"any":"","n":3}')
    expect(await copy({ kind: 'markdown' }, [1])).toBe('| n |\n| --- |\n| 1.5 |\n| 3 |')
    expect(await copy({ kind: 'sql', table: 't' }, [0, 2])).toBe(
      `INSERT INTO "t" ("text", "any") VALUES ('a, "b"', x'0a');\nINSERT INTO "t" ("text", "any") VALUES ('three', '');`,
    )
  })

  it('is refused when it is too long or names a column that is not there', async () => {
    const { folder, ask } = await serving()
    const long = Array.from({ length: 20 }, (): RawValue[] => ['x'.repeat(1_000_000)])
    await putResult(join(folder, '1'), resultBytes(['a'], [long]))
    const copy = (columns: number[]): Promise<unknown> =>
      ask('result.copy', { id: 1, from: 0, count: 20, columns, format: { kind: 'tsv', header: false } })
    expect(await failureOf(copy([0]))).toMatchObject({ code: 'invalid-params' })
    expect(await failureOf(copy([1]))).toMatchObject({ code: 'invalid-params' })
    const json = ask('result.copy', { id: 1, from: 0, count: 20, columns: [0], format: { kind: 'json' } })
    expect(await failureOf(json)).toMatchObject({ code: 'invalid-params' })
  })

  it('lets the loop turn while it is made', async () => {
    const { folder, ask } = await serving()
    const many = Array.from({ length: 24 }, () =>
      Array.from({ length: 4_096 }, (_, row): RawValue[] => [BigInt(row)]),
    )
    await putResult(join(folder, '1'), resultBytes(['a'], many))
    let turns = 0
    const copied = new AbortController()
    const copying = ask('result.copy', {
      id: 1,
      from: 0,
      count: 98_304,
      columns: [0],
      format: { kind: 'tsv', header: false },
    }).then((answer) => {
      copied.abort()
      return answer
    })
    while (!copied.signal.aborted) {
      turns += 1
      await turn()
    }
    expect((await copying).text.split('\n')).toHaveLength(98_304)
    expect(turns).toBeGreaterThan(20)
  })
})

describe('a result that was only looked at', () => {
  it('is gone once it is discarded, also while it is open', async () => {
    const { folder, ask } = await serving(DONE, 7)
    await putResult(join(folder, '1'), whole)
    expect(await ask('result.describe', { id: 1 })).toMatchObject({ rows: rowCount })
    await ask('result.discard', { id: 1 })
    expect(await readdir(folder)).toEqual([])
    expect(await failureOf(ask('result.describe', { id: 1 }))).toMatchObject({ code: 'not-found' })
    await ask('result.discard', { id: 1 })
  })

  it.each([
    ['is kept while it is being written', RUNNING, 7],
    ['is told from a result of its own, which nobody may discard', DONE, undefined],
  ] as const)('%s', async (_, state, derivedFrom) => {
    const { folder, ask } = await serving(state, derivedFrom)
    await putResult(join(folder, '1'), whole)
    expect(await failureOf(ask('result.discard', { id: 1 }))).toMatchObject({ code: 'invalid-params' })
    expect((await readdir(folder)).sort()).toEqual(['1.index', '1.rows'])
  })
})
