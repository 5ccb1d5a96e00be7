import type { ImportType, ImportWork, TransferProgress } from '#contract/transfer.ts'
import { quotedName } from '#kit/formats/sql-format.ts'
import { failed } from '#kit/request-failed.ts'
import { databaseFailure, isEngineError, type Connection } from '../database-failure.ts'
import { retryWhileLocked } from '../retry-while-locked.ts'
import { rollBack } from '../roll-back.ts'
import { openFileSource, openPipeSource, type ImportSource } from './import-source.ts'
import { readRows, RefusedRow } from './read-rows.ts'

/** Progress is shown ten times a second: more is not read. */
const PROGRESS_INTERVAL_MS = 100

export interface RowsImport extends Omit<ImportWork, 'kind' | 'database' | 'columns'> {
  /** Without them they have the names of the first rows, and values are kept as they are written; for pipes. */
  readonly columns?: ImportWork['columns'] | undefined
  /** `file` is a named pipe, which says at its end whether it was whole. */
  readonly isPipe?: boolean | undefined
  readonly connection: Connection
  /** Aborting stops between two pieces of the file and takes everything back. */
  readonly signal: AbortSignal
  /** Told of the progress at most ten times a second. */
  readonly onProgress: (progress: TransferProgress) => void
}

/**
 * Adds the rows of a file to a table in one transaction: all of them or none.
 * @throws RequestFailed `invalid-params` with the row that cannot be taken, `not-found`, `database`; the signal's reason.
 */
export async function importRows(work: RowsImport): Promise<TransferProgress> {
  const { connection, file, isPipe, format, signal } = work
  const source = isPipe ? await openPipeSource(file, format, signal) : openFileSource(file)
  try {
    await retryWhileLocked(() => connection.exec('BEGIN IMMEDIATE'), signal)
    const progress = await addRows(work, source)
    signal.throwIfAborted()
    await retryWhileLocked(() => connection.exec('COMMIT'), signal)
    return progress
  } catch (error) {
    if (isEngineError(error)) throw databaseFailure(error, connection.name)
    if (!(error instanceof RefusedRow)) throw error
    throw failed('invalid-params', `${error.message} Nothing was imported from ${source.name}.`)
  } finally {
    await source.close()
    rollBack(connection)
  }
}

async function addRows(work: RowsImport, source: ImportSource): Promise<TransferProgress> {
  const { connection, table, create, format, signal, onProgress } = work
  const columns = work.columns ?? source.columns()
  const { total } = source
  if (columns.length === 0) return { rows: 0, bytes: 0, total }
  if (create) {
    const declared = columns.map(({ name, type }) => `${quotedName(name)}${declaration(type)}`)
    connection.exec(`CREATE TABLE ${quotedName(table)} (${declared.join(', ')})`)
  }
  const names = columns.map(({ name }) => quotedName(name))
  const insert = connection.prepare(
    `INSERT INTO ${quotedName(table)} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
  )
  let rows = 0
  let bytes = 0
  const reader = readRows(format, columns, (values) => {
    rows += 1
    try {
      insert.run(values)
    } catch (error) {
      throw isConstraint(error) ? failed('database', constraintMessage(error, rows)) : error
    }
  })
  let told = performance.now()
  for await (const piece of source.pieces()) {
    bytes += piece.length
    reader.push(piece)
    if (performance.now() - told >= PROGRESS_INTERVAL_MS) {
      told = performance.now()
      onProgress({ rows, bytes, total })
    }
    signal.throwIfAborted()
  }
  reader.end()
  return { rows, bytes, total }
}

/** What a table that is made for a file has behind a column's name; without a type SQLite keeps values as they are. */
function declaration(type: ImportType): string {
  switch (type) {
    case 'any':
      return ''
    case 'integer':
    case 'real':
    case 'text':
    case 'blob':
      return ` ${type.toUpperCase()}`
    default:
      return type satisfies never
  }
}

function isConstraint(error: unknown): error is Error {
  return isEngineError(error) && error.code.startsWith('SQLITE_CONSTRAINT')
}

function constraintMessage(error: Error, row: number): string {
  return `Row ${row.toLocaleString('en')} does not fit the table: ${error.message}. Nothing was imported.`
}
