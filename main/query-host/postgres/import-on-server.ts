import { open } from 'node:fs/promises'
import type pg from 'pg'
import type { PostgresAddress } from '#contract/postgres-address.ts'
import type { ImportType, ImportWork, TransferProgress } from '#contract/transfer.ts'
import { quotedName } from '#kit/formats/sql-format.ts'
import { failed, RequestFailed } from '#kit/request-failed.ts'
import type { Value } from '../transfers/convert-value.ts'
import { openPipeSource, refuseUnnamed, type ImportSource } from '../transfers/import-source.ts'
import { readRows, RefusedRow } from '../transfers/read-rows.ts'
import type { ServerConnection } from './connect.ts'
import { copyRows } from './copy-rows.ts'
import { findTable } from './find-table.ts'
import { isServerError, statementFailure } from './server-failure.ts'
import { stopStatement } from './stop-statement.ts'

/** Read at a time: some thousands of rows, a few milliseconds of work between two looks at other requests. */
const PIECE_BYTES = 128 * 1024
/** Progress is shown ten times a second: more is not read. */
const PROGRESS_INTERVAL_MS = 100

export interface ServerImport extends Omit<ImportWork, 'kind' | 'database' | 'columns'> {
  /** Without them they have the names of the first rows, and values are kept as they are written; for pipes. */
  readonly columns?: ImportWork['columns'] | undefined
  /** `file` is a named pipe, which says at its end whether it was whole. */
  readonly isPipe?: boolean | undefined
  /** Inside no transaction. */
  readonly connection: ServerConnection
  readonly address: PostgresAddress
  /** Aborting takes everything back. */
  readonly signal: AbortSignal
  /** Told of the progress at most ten times a second. */
  readonly onProgress: (progress: TransferProgress) => void
}

/**
 * Adds the rows of a file to a table of a server by COPY, in one transaction: all of them or none.
 * @throws RequestFailed `invalid-params` with the row that cannot be taken, `not-found`, `database`; the signal's reason.
 */
export async function importOnServer(work: ServerImport): Promise<TransferProgress> {
  const { connection, address, file, isPipe, signal } = work
  const { client } = connection
  const stop = stopStatement({ connection }, signal)
  try {
    await client.query('BEGIN')
    const progress = await addRows(work)
    signal.throwIfAborted()
    await client.query('COMMIT')
    return progress
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof RefusedRow)
      throw failed('invalid-params', `${error.message} Nothing was imported${isPipe ? '' : ` from ${file}`}.`)
    throw explained(error, address)
  } finally {
    await stop.settled()
  }
}

async function addRows(work: ServerImport): Promise<TransferProgress> {
  const { connection, table, create, format, file, isPipe, signal, onProgress } = work
  const { client } = connection
  const source = isPipe ? await openPipeSource(file, format, signal) : await openFile(file)
  try {
    const columns = work.columns ?? source.columns()
    const { total } = source
    if (columns.length === 0) return { rows: 0, bytes: 0, total }
    const names = columns.map(({ name }) => quotedName(name))
    const into = create ? await newTable(client, table) : (await findTable(client, table)).quoted
    if (create) {
      const declared = columns.map(({ type }, at) => `${names[at] ?? ''} ${declaration(type)}`)
      await client.query(`CREATE TABLE ${into} (${declared.join(', ')})`)
    }
    const copy = copyRows(client, `COPY ${into} (${names.join(', ')}) FROM STDIN`)
    let rows = 0
    let bytes = 0
    let lines = ''
    const reader = readRows(format, columns, (values) => {
      rows += 1
      lines += `${values.map(fieldOf).join('\t')}\n`
    })
    let told = performance.now()
    try {
      for await (const piece of source.pieces()) {
        bytes += piece.length
        reader.push(piece)
        await copy.write(lines)
        lines = ''
        signal.throwIfAborted()
        if (performance.now() - told < PROGRESS_INTERVAL_MS) continue
        told = performance.now()
        onProgress({ rows, bytes, total })
      }
      reader.end()
      await copy.write(lines)
    } catch (error) {
      await copy.abandon()
      throw error
    }
    await copy.end()
    return { rows, bytes, total }
  } finally {
    await source.close()
  }
}

/** Reads a file without blocking: this process serves others. @throws RequestFailed `not-found` */
async function openFile(file: string): Promise<ImportSource> {
  const input = await open(file).catch((error: unknown) => {
    const engineCode = error instanceof Error && 'code' in error ? String(error.code) : ''
    throw failed('not-found', `${file} cannot be read (${engineCode}). Choose another file.`, { engineCode })
  })
  const { size: total } = await input.stat()
  return {
    name: file,
    total,
    columns: () => refuseUnnamed(file),
    async *pieces() {
      const piece = new Uint8Array(PIECE_BYTES)
      for (;;) {
        const { bytesRead } = await input.read(piece, 0, PIECE_BYTES, null)
        if (bytesRead === 0) return
        yield piece.subarray(0, bytesRead)
      }
    },
    close: () => input.close(),
  }
}

/** The name of a table that is to be made: in a schema where there is one of that name. */
async function newTable(client: pg.Client, table: string): Promise<string> {
  const dot = table.indexOf('.')
  const schema = table.slice(0, Math.max(0, dot))
  const { rowCount } = await client.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema])
  return rowCount === 1 ? `${quotedName(schema)}.${quotedName(table.slice(dot + 1))}` : quotedName(table)
}

function declaration(type: ImportType): string {
  switch (type) {
    case 'any':
    case 'text':
      return 'text'
    case 'integer':
      return 'bigint'
    case 'real':
      return 'double precision'
    case 'blob':
      return 'bytea'
    default:
      return type satisfies never
  }
}

/** A value in COPY's text format: https://www.postgresql.org/docs/current/sql-copy.html */
function fieldOf(value: Value): string {
  if (value === null) return '\\N'
  if (typeof value === 'string') return value.replace(/[\\\n\r\t]/g, (found) => ESCAPES[found] ?? found)
  if (typeof value === 'object') return `\\\\x${value.toString('hex')}`
  return String(value)
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** The server's own error, with the row that it is about. */
function explained(error: unknown, address: PostgresAddress): unknown {
  const failure = statementFailure(error, address)
  if (!isServerError(error) || !(failure instanceof RequestFailed)) return failure
  const row = /^COPY .*, line (\d+)/.exec(error.where ?? '')?.[1]
  if (row === undefined) return failure
  const { message, details } = failure.failure
  return failed(
    'database',
    `Row ${Number(row).toLocaleString('en')} does not fit the table: ${message} Nothing was imported.`,
    details,
  )
}
