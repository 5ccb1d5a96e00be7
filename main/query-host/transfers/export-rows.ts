import { setImmediate as nextTurn } from 'node:timers/promises'
import { DamagedChunk, readChunk, type Chunk } from '#contract/chunk/read.ts'
import type { ColumnInfo } from '#contract/run.ts'
import type { SqlParams } from '#contract/sql-value.ts'
import type { StatementEnd, StatementRows } from '#contract/statement.ts'
import type { ExportFormat, TransferProgress } from '#contract/transfer.ts'
import { selectColumns } from '#kit/formats/select-columns.ts'
import { failed } from '#kit/request-failed.ts'
import { openResultRows, DamagedResult } from '../accelerator/result-rows.ts'
import { refusal } from '../database-failure.ts'
import type { ExportWriter } from './export-writer.ts'
import { writeExport, writeExportToPipe } from './write-export.ts'

/** Progress is shown ten times a second: more is not read. */
const PROGRESS_INTERVAL_MS = 100

export type RowsSource =
  | { readonly kind: 'result'; readonly path: string; readonly rows: number }
  | { readonly kind: 'query'; readonly sql: string; readonly params?: SqlParams | undefined }

export interface RowsExport {
  readonly source: RowsSource
  /** Runs the statement of a query and hands its rows on. @returns its last rows. */
  readonly run: (
    query: { readonly sql: string; readonly params: SqlParams | undefined },
    emit: (rows: StatementRows) => Promise<void>,
  ) => Promise<Pick<StatementEnd, 'columns' | 'last'>>
  /** The columns to write, in that order; all of them without. */
  readonly columns?: readonly number[] | undefined
  /** Absolute path of a file that is not there yet; what a cancel or failure leaves of it is the caller's to remove. */
  readonly to: string
  /** It is a named pipe instead, which somebody reads. */
  readonly isPipe?: boolean | undefined
  readonly format: ExportFormat
  /** Aborting stops between two chunks. */
  readonly signal: AbortSignal
  /** Told of the progress at most ten times a second. */
  readonly onProgress: (progress: TransferProgress) => void
}

/**
 * Writes rows to a file as they come: those of a result, or those of a statement.
 * @throws RequestFailed `database`, `disk-full`, `invalid-params`, `internal` for a damaged result; the signal's reason.
 */
export async function exportRows(work: RowsExport): Promise<TransferProgress> {
  const { source } = work
  switch (source.kind) {
    case 'result':
      return exportResult(work, source)
    case 'query':
      return exportQuery(work, source)
    default:
      return source satisfies never
  }
}

async function exportResult(
  work: RowsExport,
  { path, rows: total }: Extract<RowsSource, { kind: 'result' }>,
): Promise<TransferProgress> {
  const { signal } = work
  try {
    const { columns, chunks } = openResultRows(path)
    const writing = begin(work, columns, total)
    try {
      for (const chunk of chunks()) {
        signal.throwIfAborted()
        writing.add(chunk)
        await writing.room()
      }
      signal.throwIfAborted()
      if (writing.rows < total) {
        throw failed(
          'internal',
          `The result has ${writing.rows} of its ${total} rows left: its file was cut off. Run its query again, then export it.`,
        )
      }
      return await writing.end()
    } finally {
      writing.close()
    }
  } catch (error) {
    if (!(error instanceof DamagedResult) && !(error instanceof DamagedChunk)) throw error
    throw failed(
      'internal',
      `The result cannot be exported: ${error.message}. Run its query again, then export it.`,
    )
  }
}

async function exportQuery(
  work: RowsExport,
  { sql, params }: Extract<RowsSource, { kind: 'query' }>,
): Promise<TransferProgress> {
  let writing: Writing | undefined
  try {
    const { columns, last } = await work.run({ sql, params }, async (rows) => {
      if (rows.columns) writing = begin(work, rows.columns, null)
      writing?.add(readChunk(rows.chunk))
      await writing?.room()
    })
    if (columns === null || columns.length === 0) {
      throw refusal('This statement returns no rows, so there is nothing to export. Write a SELECT.')
    }
    writing ??= begin(work, columns, null)
    if (last) writing.add(readChunk(last.chunk))
    return await writing.end()
  } finally {
    writing?.close()
  }
}

interface Writing {
  readonly rows: number
  add(chunk: Chunk): void
  /** Resolves when the next chunk may be added. */
  room(): Promise<void>
  end(): Promise<TransferProgress>
  close(): void
}

/** Starts the file. @throws RequestFailed `invalid-params` for a column that is not there. */
function begin(
  { columns, to, isPipe, format, signal, onProgress }: RowsExport,
  present: readonly ColumnInfo[],
  total: number | null,
): Writing {
  const wanted = columns ?? present.map((_, index) => index)
  const names = wanted.map((index) => {
    const column = present[index]
    if (column) return column.name
    throw failed('invalid-params', `There is no column ${index + 1} in these rows of ${present.length}.`)
  })
  const writer: ExportWriter = isPipe ? writeExportToPipe(to, format, names) : writeExport(to, format, names)
  let rows = 0
  let told = performance.now()

  function progress(): TransferProgress {
    const { bytes, shortened } = writer
    return { rows, bytes, total, ...(shortened > 0 ? { shortened } : {}) }
  }

  return {
    get rows() {
      return rows
    },
    add(chunk) {
      writer.add(columns ? selectColumns(chunk, columns) : chunk)
      rows += chunk.rowCount
      if (performance.now() - told < PROGRESS_INTERVAL_MS) return
      told = performance.now()
      onProgress(progress())
    },
    // Writing to a file never waits, so that a cancel would not be heard between two chunks.
    room: () => writer.pipe?.room(signal) ?? nextTurn(),
    async end() {
      writer.end()
      await writer.pipe?.end(signal)
      return progress()
    },
    close: writer.close,
  }
}
