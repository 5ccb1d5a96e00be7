import { closeSync, openSync, writev, writevSync } from 'node:fs'
import { promisify } from 'node:util'
import { crc32 } from 'node:zlib'
import {
  encodeFileHeader,
  encodeFrame,
  encodeIndexEntry,
  FRAME_BYTES,
  resultFiles,
} from '#contract/chunk/result-file.ts'
import type { ColumnInfo } from '#contract/run.ts'
import { failed } from '#kit/request-failed.ts'

const writeVector = promisify(writev)

/** A chunk on its way into a result. */
export interface ResultChunk {
  readonly bytes: Uint8Array
  readonly rows: number
}

/** Writes a result as it is produced. A query host may block, so that writing is plain and in order. */
export interface ResultWriter {
  /** Of the rows file, as far as it is written. */
  readonly bytes: number
  /** Rows in the chunks that are written. */
  readonly rows: number
  /** Adds a chunk. @throws RequestFailed `disk-full`. */
  write(chunk: Uint8Array, rows: number): void
  /** Adds chunks in another thread. Nothing else may be called before it is done. @throws RequestFailed `disk-full`. */
  writeLater(chunks: readonly ResultChunk[]): Promise<void>
  /** What a chunk takes of the rows file, in bytes. */
  lengthOf(chunk: Uint8Array): number
  /** Marks the result as whole: its statement ended by itself. @throws RequestFailed `disk-full`. */
  end(): void
  /** Closes the files; a second time does nothing. */
  close(): void
}

/**
 * Starts a result. It is not synced to the disk: what a crash of the machine tears off is found by the checksums, and
 * the query can be run again.
 * @param path of the result, without the endings of its two files; its folder exists.
 * @throws RequestFailed `disk-full` when there is no space for it.
 */
export function writeResult(path: string, columns: readonly ColumnInfo[]): ResultWriter {
  const names = resultFiles(path)
  const rowsFile = openSync(names.rows, 'w')
  let indexFile: number | undefined
  let rows = 0
  let bytes = 0

  function close(): void {
    if (indexFile === undefined) return
    closeSync(rowsFile)
    closeSync(indexFile)
    indexFile = undefined
  }

  function append(file: number, pieces: Uint8Array[]): number {
    try {
      return writeWhole(file, pieces)
    } catch (error) {
      throw explained(error, path)
    }
  }

  try {
    indexFile = openSync(names.index, 'w')
    bytes += append(rowsFile, [encodeFileHeader(columns, crc32)])
  } catch (error) {
    if (indexFile === undefined) closeSync(rowsFile)
    close()
    throw explained(error, path)
  }
  const index = indexFile

  /** What is to be written for chunks that follow on those that are there, into each of the files. */
  function planFor(chunks: readonly ResultChunk[]): Plan {
    const plan: Plan = { rows, bytes, pieces: [], entries: [] }
    for (const chunk of chunks) {
      const { length } = chunk.bytes
      const entry = {
        firstRow: plan.rows,
        rows: chunk.rows,
        offset: plan.bytes,
        length,
        crc: crc32(chunk.bytes),
      }
      plan.pieces.push(encodeFrame({ kind: 'chunk', ...entry }), chunk.bytes)
      plan.entries.push(encodeIndexEntry(entry, crc32))
      plan.rows += chunk.rows
      plan.bytes += FRAME_BYTES + length
    }
    return plan
  }

  return {
    get bytes() {
      return bytes
    },
    get rows() {
      return rows
    },
    write(chunk, chunkRows) {
      const plan = planFor([{ bytes: chunk, rows: chunkRows }])
      append(rowsFile, plan.pieces)
      ;({ rows, bytes } = plan)
      // Only now: an entry never points to what is not there yet.
      append(index, plan.entries)
    },
    async writeLater(chunks) {
      const plan = planFor(chunks)
      try {
        await writeWholeLater(rowsFile, plan.pieces)
        ;({ rows, bytes } = plan)
        await writeWholeLater(index, plan.entries)
      } catch (error) {
        throw explained(error, path)
      }
    },
    lengthOf: (chunk) => FRAME_BYTES + chunk.length,
    end() {
      bytes += append(rowsFile, [encodeFrame({ kind: 'end', rows })])
    },
    close,
  }
}

interface Plan {
  /** Of the result, and bytes of its rows file, once this is written. */
  rows: number
  bytes: number
  readonly pieces: Uint8Array[]
  readonly entries: Uint8Array[]
}

/** Writes all of the bytes: the system may take fewer than it was given. @returns how many they are. */
function writeWhole(file: number, pieces: readonly Uint8Array[]): number {
  let rest = pieces
  let total = 0
  while (rest.length > 0) {
    const written = writevSync(file, rest)
    total += written
    rest = withoutFirst(rest, written)
  }
  return total
}

async function writeWholeLater(file: number, pieces: readonly Uint8Array[]): Promise<void> {
  let rest = pieces
  while (rest.length > 0) {
    const { bytesWritten } = await writeVector(file, rest)
    rest = withoutFirst(rest, bytesWritten)
  }
}

/** What is left of pieces when so many bytes of them are done with. */
function withoutFirst(pieces: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  return pieces.flatMap((piece) => {
    const taken = Math.min(piece.length, bytes)
    bytes -= taken
    return taken === piece.length ? [] : [piece.subarray(taken)]
  })
}

/** ENOSPC and EDQUOT become the failure that says so. */
function explained(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error
  return failed(
    'disk-full',
    `The disk is full: the result could not be written to ${path}.rows. The rows so far are kept; free some space and run the query again.`,
    { engineCode: code },
  )
}
