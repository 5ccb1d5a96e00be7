import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { onTestFinished } from 'vitest'
import { buildChunks, type RawValue } from '#contract/chunk/encode.ts'
import {
  encodeFileHeader,
  encodeFrame,
  encodeIndexEntry,
  FRAME_BYTES,
  resultFiles,
} from '#contract/chunk/result-file.ts'

/** The two files of a result as bytes, and where each of its chunks ends. */
export interface ResultBytes {
  readonly rows: Uint8Array
  readonly index: Uint8Array
  readonly chunkEnds: readonly number[]
}

/** Lays a result out as docs/result-format.md says. */
export function resultBytes(
  names: readonly string[],
  chunks: readonly (readonly RawValue[][])[],
): ResultBytes {
  const columns = names.map((name) => ({ name, declaredType: null }))
  const rows: Uint8Array[] = [encodeFileHeader(columns, crc32)]
  const index: Uint8Array[] = []
  const chunkEnds: number[] = []
  let offset = rows[0]?.length ?? 0
  let firstRow = 0
  for (const chunk of chunks) {
    const builder = buildChunks(names.length)
    for (const row of chunk) builder.append(row)
    const bytes = builder.finish()
    const entry = { firstRow, rows: chunk.length, offset, length: bytes.length, crc: crc32(bytes) }
    rows.push(encodeFrame({ kind: 'chunk', ...entry }), bytes)
    index.push(encodeIndexEntry(entry, crc32))
    offset += FRAME_BYTES + bytes.length
    chunkEnds.push(offset)
    firstRow += chunk.length
  }
  rows.push(encodeFrame({ kind: 'end', rows: firstRow }))
  return { rows: Buffer.concat(rows), index: Buffer.concat(index), chunkEnds }
}

/** A folder that is gone after the test. */
export async function resultFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'offloop-result-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

/** Puts the files of a result on disk; either may be left out. */
export async function putResult(
  path: string,
  bytes: { readonly rows?: Uint8Array; readonly index?: Uint8Array },
): Promise<void> {
  const names = resultFiles(path)
  if (bytes.rows) await writeFile(names.rows, bytes.rows)
  if (bytes.index) await writeFile(names.index, bytes.index)
}
