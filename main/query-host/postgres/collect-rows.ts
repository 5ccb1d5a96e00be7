import type { FieldDef } from 'pg'
import { buildChunks, type ChunkBuilder } from '#contract/chunk/encode.ts'
import type { ColumnInfo, QueryBudget, QueryProgress } from '#contract/run.ts'
import { writeResult, type ResultWriter } from '../result-writer.ts'
import type { RowsFeed } from '../rows-feed.ts'
import { changedRows } from './changed-rows.ts'
import { keepNotices } from './keep-notices.ts'
import type { LentConnection } from './lend-connection.ts'
import type { Batch } from './open-cursor.ts'

/** The first rows are sent when there are so many, a tall window full. */
const FIRST_CHUNK_ROWS = 200
/** A slow statement's rows reach the file, and a reader of it, at least this often. */
const CHUNK_PATIENCE_MS = 250
/** Progress is shown ten times a second: more is not read. */
const PROGRESS_INTERVAL_MS = 100

export interface CollectOptions {
  readonly resultPath: string
  readonly budget: QueryBudget | undefined
  readonly feed: RowsFeed
  /** Names of types by their object ids. */
  readonly typeName: (typeId: number) => string | null
  /** Told of the progress at most ten times a second. */
  readonly onProgress: (progress: QueryProgress) => void
}

/** Rows on their way from the server into the result and to its reader. */
export interface CollectedRows {
  readonly fields: (fields: readonly FieldDef[]) => void
  readonly add: (row: Parameters<ChunkBuilder['append']>[0]) => void
  /** Which budget there is no more room in; rows that come now are dropped. */
  readonly limitedBy: 'rows' | 'bytes' | undefined
  /** Why they cannot be written any more; a connection that does not last is ended then. */
  readonly broken: Error | undefined
  /** Waits for a slow reader. */
  room(): Promise<void>
  complete(batch: Batch): void
  /** Writes what is at hand. */
  flush(): void
  /** Writes what is at hand and, for a whole result, its mark. */
  end(whole: boolean): void
  close(): void
  progress(): QueryProgress
}

/**
 * Takes the rows of a statement off its connection.
 * @param stop aborted when the statement is to be stopped: then nothing waits for a reader any more.
 */
export function collectRows(
  execution: CollectOptions,
  { connection, lasts }: LentConnection,
  stop: AbortSignal,
): CollectedRows {
  const { resultPath, budget, feed, typeName, onProgress } = execution
  const { rows: mostRows = Infinity, bytes: mostBytes = Infinity } = budget ?? {}
  const notices = keepNotices()
  let columns: ColumnInfo[] | null = null
  let writer: ResultWriter | undefined
  let builder: ChunkBuilder | undefined
  let taken = 0
  let changes: number | null = null
  let limitedBy: 'rows' | 'bytes' | undefined
  let waiting: Promise<void> | undefined
  let lastChunk = performance.now()
  let broken: Error | undefined
  connection.onNotice = notices.add

  function progress(): QueryProgress {
    const said = notices.list()
    return {
      columns,
      rows: writer?.rows ?? 0,
      bytes: writer?.bytes ?? 0,
      changes,
      ...(said.length === 0 ? {} : { notices: said }),
    }
  }
  function begin(found: ColumnInfo[]): void {
    columns = found
    writer = writeResult(resultPath, found)
    builder = buildChunks(found.length)
    lastChunk = performance.now()
    feed.columns(found)
    onProgress(progress())
  }
  function flush(): void {
    lastChunk = performance.now()
    if (!builder || !writer || builder.rows === 0) return
    const { rows } = builder
    const firstRow = writer.rows
    const chunk = builder.finish()
    writer.write(chunk, rows)
    waiting = feed.push(chunk, firstRow, rows, stop) ?? waiting
    if (writer.bytes >= mostBytes) limitedBy ??= 'bytes'
    if (firstRow === 0) onProgress(progress())
  }
  /** What goes wrong here is thrown where the batch is awaited: the driver that calls could do nothing with it. */
  function guarded(work: () => void): void {
    if (broken) return
    try {
      work()
    } catch (error) {
      broken = error instanceof Error ? error : new Error(String(error))
      if (!lasts) connection.destroy()
    }
  }
  const ticking = setInterval(() => {
    const old = performance.now() - lastChunk >= (writer?.rows === 0 ? 0 : CHUNK_PATIENCE_MS)
    if (old) guarded(flush)
    onProgress(progress())
  }, PROGRESS_INTERVAL_MS)

  return {
    fields: (fields) =>
      guarded(() =>
        begin(fields.map(({ name, dataTypeID }) => ({ name, declaredType: typeName(dataTypeID) }))),
      ),
    add: (row) =>
      guarded(() => {
        if (taken >= mostRows) limitedBy ??= 'rows'
        if (limitedBy !== undefined || !builder) return
        taken += 1
        builder.append(row)
        if (builder.full || (builder.rows >= FIRST_CHUNK_ROWS && writer?.rows === 0)) flush()
      }),
    get limitedBy() {
      return limitedBy
    },
    get broken() {
      return broken
    },
    async room() {
      if (broken) throw broken
      // The first rows of a statement that takes its time should not wait for the next batch.
      if (writer?.rows === 0) flush()
      await waiting
      waiting = undefined
    },
    complete({ command, rowCount }) {
      if (broken) throw broken
      if (!columns) begin([])
      changes = changedRows(command, columns?.length ? taken : rowCount)
    },
    flush: () => {
      guarded(flush)
    },
    end(whole) {
      flush()
      if (whole) writer?.end()
    },
    close() {
      clearInterval(ticking)
      writer?.close()
    },
    progress,
  }
}
