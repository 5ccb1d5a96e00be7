import { open, type FileHandle } from 'node:fs/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { DamagedChunk, readChunk, type Chunk } from '#contract/chunk/read.ts'
import {
  decodeColumns,
  decodeFileHeader,
  decodeFrame,
  decodeIndexEntry,
  FILE_HEADER_BYTES,
  FRAME_BYTES,
  INDEX_ENTRY_BYTES,
  resultFiles,
  type IndexEntry,
} from '#contract/chunk/result-file.ts'
import { MAX_CHUNK_BYTES, MAX_CHUNK_ROWS } from '#contract/chunk/format.ts'
import type { ColumnInfo } from '#contract/run.ts'
import { failed } from '#kit/request-failed.ts'
import type { TakeBytes } from './chunk-cache.ts'

/** How much of a chunk is summed up before the loop turns: about 2 ms. */
const CHECKSUM_SLICE_BYTES = 4 * 1024 * 1024
/** How much of an index is read at once: 8,192 chunks, 32 million rows. */
const INDEX_SLICE_BYTES = 8_192 * INDEX_ENTRY_BYTES
/** Without an index so many frames are looked at before the loop turns. */
const FRAMES_PER_TURN = 64

/** A result on disk, which may still be growing. */
export interface Result {
  readonly path: string
  readonly columns: readonly ColumnInfo[]
  /** Rows in the chunks known of. */
  readonly rows: number
  /** Of the rows file, as far as it is known of. */
  readonly bytes: number
  /** Its statement has ended by itself; nothing will come any more. */
  readonly ended: boolean
  /** Looks for what was added since. @throws RequestFailed when the files cannot be read. */
  refresh(): Promise<void>
  /** @returns where the chunk with a row is; undefined beyond the last one. */
  find(row: number): IndexEntry | undefined
  /** Reads a chunk into bytes that it takes, and checks it. @throws RequestFailed when it is damaged. */
  read(entry: IndexEntry, take: TakeBytes): Promise<Chunk>
  close(): Promise<void>
}

/**
 * Opens a result for reading.
 * @param path without the endings of its two files.
 * @returns undefined when there is none, or nothing in it yet.
 * @throws RequestFailed `internal` when its beginning is damaged, with the file's name.
 */
export async function openResult(path: string): Promise<Result | undefined> {
  const names = resultFiles(path)
  let file: FileHandle
  try {
    file = await open(names.rows, 'r')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
  try {
    const header = await readHeader(file, names.rows)
    if (header) return makeResult(path, file, header.columns, header.end)
    await file.close()
    return undefined
  } catch (error) {
    await file.close()
    throw error
  }
}

interface Header {
  readonly columns: ColumnInfo[]
  readonly end: number
}

/** @returns undefined when the file ends within its header: it has just been created, or was cut off there. */
async function readHeader(file: FileHandle, name: string): Promise<Header | undefined> {
  const bytes = await readAt(file, 0, FILE_HEADER_BYTES)
  if (bytes.length < FILE_HEADER_BYTES) return undefined
  const header = decodeFileHeader(bytes)
  if (header === null) throw damaged(name, 'its beginning is not that of a result')
  const json = await readAt(file, FILE_HEADER_BYTES, header.columnsBytes)
  if (json.length < header.columnsBytes) return undefined
  const columns = crc32(json) === header.crc ? decodeColumns(json) : null
  if (columns === null) throw damaged(name, 'its list of columns cannot be read')
  return { columns, end: FILE_HEADER_BYTES + header.columnsBytes }
}

function makeResult(
  path: string,
  file: FileHandle,
  columns: readonly ColumnInfo[],
  headerEnd: number,
): Result {
  const names = resultFiles(path)
  const entries: IndexEntry[] = []
  let rows = 0
  let end = headerEnd
  let ended = false
  let refreshing: Promise<void> | undefined

  /** Takes the next chunk in if it follows on the last one and is whole. */
  function accept(entry: IndexEntry, size: number): boolean {
    const { offset, length, firstRow } = entry
    const fits =
      offset === end && firstRow === rows && entry.rows <= MAX_CHUNK_ROWS && length <= MAX_CHUNK_BYTES
    if (!fits || offset + FRAME_BYTES + length > size) return false
    entries.push(entry)
    rows += entry.rows
    end = offset + FRAME_BYTES + length
    return true
  }

  /** Reads what was added to the index, up to the first entry that is torn. */
  async function readIndex(size: number): Promise<void> {
    let index: FileHandle
    try {
      index = await open(names.index, 'r')
    } catch (error) {
      if (isMissing(error)) return
      throw error
    }
    try {
      for (;;) {
        const bytes = await readAt(index, entries.length * INDEX_ENTRY_BYTES, INDEX_SLICE_BYTES)
        for (let at = 0; at + INDEX_ENTRY_BYTES <= bytes.length; at += INDEX_ENTRY_BYTES) {
          const entry = decodeIndexEntry(bytes.subarray(at, at + INDEX_ENTRY_BYTES), crc32)
          if (entry === null || !accept(entry, size)) return
        }
        if (bytes.length < INDEX_SLICE_BYTES) return
      }
    } finally {
      await index.close()
    }
  }

  /** Goes from frame to frame where the index says nothing: it is missing, damaged, or behind. */
  async function readFrames(size: number): Promise<void> {
    for (let turn = 1; end + FRAME_BYTES <= size; turn += 1) {
      const frame = decodeFrame(await readAt(file, end, FRAME_BYTES))
      if (frame?.kind === 'end') {
        ended = frame.rows === rows
        return
      }
      if (frame === null || !accept({ ...frame, offset: end }, size)) return
      if (turn % FRAMES_PER_TURN === 0) await nextTurn()
    }
  }

  return {
    path,
    columns,
    get rows() {
      return rows
    },
    get bytes() {
      return end
    },
    get ended() {
      return ended
    },
    async refresh() {
      if (ended) return
      refreshing ??= (async () => {
        const { size } = await file.stat()
        await readIndex(size)
        await readFrames(size)
      })().finally(() => {
        refreshing = undefined
      })
      await refreshing
    },
    find(row) {
      let low = 0
      let high = entries.length
      while (low < high) {
        const middle = (low + high) >>> 1
        const entry = entries[middle]
        if (entry && entry.firstRow + entry.rows <= row) low = middle + 1
        else high = middle
      }
      return entries[low]
    },
    async read(entry, take) {
      const bytes = await readInto(take(entry.length), file, entry.offset + FRAME_BYTES)
      const whole = bytes.length === entry.length && (await checksum(bytes)) === entry.crc
      if (!whole)
        throw damaged(names.rows, `rows ${entry.firstRow + 1} to ${entry.firstRow + entry.rows} have changed`)
      try {
        const chunk = readChunk(bytes)
        if (chunk.rowCount !== entry.rows || chunk.columnCount !== columns.length) {
          throw new DamagedChunk('they are not the rows that the index names')
        }
        return chunk
      } catch (error) {
        throw error instanceof DamagedChunk ? damaged(names.rows, error.message) : error
      }
    },
    close: () => file.close(),
  }
}

/** Says which file cannot be read, and that nothing else is touched by that. */
export function damaged(name: string, what: string): Error {
  return failed(
    'internal',
    `The result file ${name} is damaged: ${what}. Only this result is affected; run its query again to have it back.`,
  )
}

/** Reads as many bytes as there are, up to `length`, into a buffer of their own. */
function readAt(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  return readInto(new Uint8Array(length), file, position)
}

/** @returns those of the bytes that could be filled. */
async function readInto(bytes: Uint8Array, file: FileHandle, position: number): Promise<Uint8Array> {
  let filled = 0
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}

/** The CRC-32 of bytes, in slices between which the loop turns. */
async function checksum(bytes: Uint8Array): Promise<number> {
  let sum = 0
  for (let start = 0; start < bytes.length; start += CHECKSUM_SLICE_BYTES) {
    if (start > 0) await nextTurn()
    sum = crc32(bytes.subarray(start, start + CHECKSUM_SLICE_BYTES), sum)
  }
  return sum
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
