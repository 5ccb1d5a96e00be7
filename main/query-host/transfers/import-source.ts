import { closeSync, fstatSync, readSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ImportColumn, ImportFormat } from '#contract/transfer.ts'
import { failed } from '#kit/request-failed.ts'
import { openImport } from './open-import.ts'
import { MalformedRow, parseCsv } from './parse-csv.ts'
import { previewBeginning } from './preview-import.ts'
import { readPipe } from './read-pipe.ts'

/** Read at a time: some thousands of rows, a few milliseconds of work between two looks at a cancel. */
const PIECE_BYTES = 128 * 1024

/** Where the rows of an import come from. */
export interface ImportSource {
  /** For messages. */
  readonly name: string
  /** In bytes; null where that is not known before. */
  readonly total: number | null
  /** What its first rows name, all of them of any type; none when there is nothing in it. @throws RequestFailed */
  columns(): ImportColumn[]
  /** Each piece is overwritten by the next. Gives others a turn between two. */
  pieces(): AsyncIterable<Uint8Array>
  close(): void | Promise<void>
}

/** @throws RequestFailed `invalid-params`: a file is looked at before it is imported. */
export function refuseUnnamed(file: string): never {
  throw failed('invalid-params', `The columns of ${file} were not given. Look at it first.`)
}

/** A file, read by a process that may block. @throws RequestFailed `not-found`, `invalid-params`. */
export function openFileSource(file: string): ImportSource {
  const input = openImport(file)
  return {
    name: file,
    total: fstatSync(input).size,
    columns: () => refuseUnnamed(file),
    async *pieces() {
      const piece = new Uint8Array(PIECE_BYTES)
      for (;;) {
        const read = readSync(input, piece, 0, PIECE_BYTES, null)
        if (read === 0) return
        yield piece.subarray(0, read)
        await nextTurn()
      }
    },
    close: () => closeSync(input),
  }
}

/** A named pipe. @throws RequestFailed `cancelled` when not all was written that was to be; the signal's reason. */
export async function openPipeSource(
  path: string,
  format: ImportFormat,
  signal: AbortSignal,
): Promise<ImportSource> {
  const pipe = await readPipe(path, (beginning) => hasRow(beginning, format), signal)
  const { beginning, isAll } = pipe
  const name = 'the command that writes it'
  return {
    name,
    total: null,
    columns() {
      if (beginning.length === 0) return []
      const start = { bytes: beginning, isCut: !isAll, total: beginning.length }
      const { columns } = previewBeginning(start, format, `the output of ${name}`)
      return columns.map((column) => ({ name: column.name, type: 'any' }))
    },
    async *pieces() {
      for await (const piece of pipe.pieces()) {
        yield piece
        await nextTurn()
      }
    },
    close: () => pipe.close(),
  }
}

/** Whether the columns are known: by the first row, or, for objects, by the rows of a whole beginning. */
function hasRow(beginning: Uint8Array, format: ImportFormat): boolean {
  if (format.kind === 'jsonl') return false
  let rows = 0
  try {
    parseCsv(format.separator, () => (rows += 1)).push(beginning)
  } catch (error) {
    // It is told with its place when the rows are read.
    if (error instanceof MalformedRow) return true
    throw error
  }
  return rows > 0
}
