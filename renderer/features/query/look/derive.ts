import { shallowRef, watch, type ShallowRef } from 'vue'
import { readChunk, type Chunk } from '#contract/chunk/read.ts'
import { isFinal, type ColumnInfo, type QuerySpec, type Run, type RunId } from '#contract/run.ts'
import { failureOf, failed } from '#kit/request-failed.ts'
import { askService, service } from '../../../ipc/ask.ts'
import { requestQuery, type QueryRequest } from '../../../ipc/query-request.ts'
import { serviceSession } from '../../../ipc/sessions.ts'
import { failureIn, type QueryActivity } from '../../../rows/query-activity.ts'
import { makeResultRows, type ResultRows } from '../../../rows/result-rows.ts'

/** A query on a finished result, with its rows, for as long as somebody looks at them. */
export interface Derivation {
  readonly activity: Readonly<ShallowRef<QueryActivity>>
  readonly rows: ResultRows
  /** Known once the run is on disk. */
  readonly runId: Readonly<ShallowRef<RunId | undefined>>
  /** Asks for it to be stopped; `activity` says when it was. */
  stop(): void
  /** Leaves the rows where they are when nobody looks any more: something else reads them. */
  keep(): void
  /** Stops it, and removes its rows from the disk once that is confirmed. */
  dispose(): void
}

function specOf(parent: RunId, sql: string): QuerySpec {
  return { kind: 'query', database: `result:${parent}`, mode: 'read-only', sql, derivedFrom: parent }
}

/**
 * Starts a query on a finished result.
 * @param columns to be shown in place of those that the query has; their number is the same.
 */
export function derive(parent: RunId, sql: string, columns?: readonly ColumnInfo[]): Derivation {
  const stopping = new AbortController()
  const activity = shallowRef<QueryActivity>({ kind: 'asking', askedAt: Date.now(), stopping: false })
  const runId = shallowRef<RunId>()
  const rows = makeResultRows(columns)
  let kept = false
  let disposed = false

  function take(run: Run): void {
    if (run.kind !== 'query') return
    runId.value = run.id
    if (disposed) return
    rows.identify(run.id)
    rows.takeProgress(run.progress)
    activity.value = { kind: 'run', run, stopping: stopping.signal.aborted && !isFinal(run.state) }
    if (isFinal(run.state)) rows.refresh()
  }

  async function run(): Promise<void> {
    try {
      const request = await requestQuery(specOf(parent, sql), stopping.signal)
      // The window has seen enough of the first rows when their process ends them, however it does so.
      void readFirst(request, rows).catch(() => undefined)
      for await (const each of request.run) take(each)
      take(await request.run.result)
    } catch (error) {
      activity.value = { kind: 'refused', failure: failureOf(error) }
    }
  }
  const ended = run()
  const unwatch = watch(serviceSession, (session) => session && rows.refresh())

  return {
    activity,
    rows,
    runId,
    stop() {
      stopping.abort()
      const now = activity.value
      if (now.kind === 'asking' || now.kind === 'run') activity.value = { ...now, stopping: true }
    },
    keep: () => (kept = true),
    dispose() {
      if (disposed) return
      disposed = true
      unwatch()
      stopping.abort()
      rows.dispose()
      void ended.then(() => (kept || runId.value === undefined ? undefined : discard(runId.value)))
    },
  }
}

/**
 * Asks a finished result something that is answered with few rows, of which nothing is left behind.
 * @param most how many rows are taken, at most MAX_ROWS_PER_PAGE.
 */
export async function askResult(parent: RunId, sql: string, signal: AbortSignal, most = 1): Promise<Chunk> {
  const client = await service(signal)
  const run = await client.stream('query.run', { ...specOf(parent, sql), rows: 'none' }, { signal }).result
  try {
    const trouble = run.kind === 'query' ? failureIn({ kind: 'run', run, stopping: false }) : undefined
    if (trouble) throw failed(trouble.code, trouble.message)
    signal.throwIfAborted()
    const page = await askService('result.rows', { id: run.id, from: 0, count: most }, { signal })
    return readChunk(page.chunk)
  } finally {
    void discard(run.id)
  }
}

async function readFirst({ firstRows }: QueryRequest, rows: ResultRows): Promise<void> {
  for await (const item of firstRows) rows.takeFirst(item)
}

async function discard(id: RunId): Promise<void> {
  // Where it does not work, as while the service is away, the rows are collected within an hour.
  await askService('result.discard', { id }).catch(() => undefined)
}
