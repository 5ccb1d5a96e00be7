import { readChunk } from '#contract/chunk/read.ts'
import { rowsContract, type RowsWanted } from '#contract/query-host.ts'
import type { QueryRun } from '#contract/run.ts'
import { connect, type Client } from '#kit/client.ts'
import { dialWithPortPerRequest } from '#kit/dial.ts'
import { makeDomChannel } from '../../renderer/ipc/dom-port.ts'
import { readToEnd } from './read-to-end.ts'
import type { Sessions } from './sessions.ts'
import { columnSum } from './column-sum.ts'

/** A query and what the page wants to see of it. */
export interface QueryRequest {
  readonly database: string
  readonly sql: string
  readonly rows: RowsWanted
  /** The integer column that is summed over all rows that come into the page. */
  readonly summedColumn: number
}

/** What a query gave and how long it took. */
export interface QueryOutcome {
  readonly id: number
  readonly state: QueryRun['state']
  /** Rows in the result file. */
  readonly rows: number
  /** Rows that came into the page, and the sum of one column of them. */
  readonly pageRows: number
  readonly pageSum: number
  /** From asking until the first rows were in the page; null when none came. */
  readonly firstRowsMs: number | null
  /** From asking until the run was over and all rows that were asked for were in the page. */
  readonly tookMs: number
}

/** A query that is being read. */
export interface StartedQuery {
  readonly host: Client<typeof rowsContract>
  readonly outcome: Promise<QueryOutcome>
}

/** Starts a query as the window does, with a port on which its host sends rows straight to the page. */
export function startQuery({ service }: Sessions, request: QueryRequest): StartedQuery {
  const { database, sql, rows, summedColumn } = request
  const start = performance.now()
  const [near, far] = makeDomChannel()
  const host = connect(rowsContract, near, dialWithPortPerRequest(near, makeDomChannel))
  const run = service.stream(
    'query.run',
    { kind: 'query', database, mode: 'read-only', sql, rows },
    { passengers: rows === 'none' ? [] : [far] },
  )
  let pageRows = 0
  let pageSum = 0
  let firstRowsMs: number | null = null

  async function readRows(): Promise<void> {
    if (rows === 'none') return
    for await (const item of host.stream('rows', {})) {
      if (item.kind !== 'rows') continue
      firstRowsMs ??= performance.now() - start
      if (item.firstRow !== pageRows) throw new Error(`Row ${pageRows} is missing.`)
      const chunk = readChunk(item.chunk)
      pageRows += chunk.rowCount
      pageSum += columnSum(chunk, summedColumn)
      // Whoever has read rows gives their memory back: left to the collector it took a third of the page's time.
      if (item.chunk.buffer instanceof ArrayBuffer) item.chunk.buffer.transfer(0)
    }
  }
  async function readRun(): Promise<QueryRun> {
    const final = await readToEnd(run)
    if (final.kind !== 'query') throw new Error('The answer to a query is the run of a command.')
    return final
  }
  async function read(): Promise<QueryOutcome> {
    const [final] = await Promise.all([readRun(), readRows()])
    const tookMs = performance.now() - start
    const { id, state, progress } = final
    near.close()
    return { id, state, rows: progress.rows, pageRows, pageSum, firstRowsMs, tookMs }
  }
  return { host, outcome: read() }
}
