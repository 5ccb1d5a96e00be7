import { closeSync, openSync, writevSync } from 'node:fs'
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

/** Writes a result as it is produced. A query host may block, so that writing is plain and in order. */
export interface ResultWriter {
  /** Of the rows file so far. */
  readonly bytes: number
  /** Rows in the chunks written so far. */
  readonly rows: number
  /** Adds a chunk. @throws RequestFailed `disk-full`. */
  write(chunk: Uint8Array, rows: number): void
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

  return {
    get bytes() {
      return bytes
    },
    get rows() {
      return rows
    },
    write(chunk, chunkRows) {
      const entry = {
        firstRow: rows,
        rows: chunkRows,
        offset: bytes,
        length: chunk.length,
        crc: crc32(chunk),
      }
      append(rowsFile, [encodeFrame({ kind: 'chunk', ...entry }), chunk])
      bytes += FRAME_BYTES + chunk.length
      rows += chunkRows
      // Only now: an entry never points to what is not there yet.
      append(index, [encodeIndexEntry(entry, crc32)])
    },
    end() {
      bytes += append(rowsFile, [encodeFrame({ kind: 'end', rows })])
    },
    close,
  }
}

/** Writes all of the bytes: the system may take fewer than it was given. @returns how many they are. */
function writeWhole(file: number, pieces: readonly Uint8Array[]): number {
  let rest = [...pieces]
  let total = 0
  while (rest.length > 0) {
    let written = writevSync(file, rest)
    total += written
    rest = rest.flatMap((piece) => {
      const taken = Math.min(piece.length, written)
      written -= taken
      return taken === piece.length ? [] : [piece.subarray(taken)]
    })
  }
  return total
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
