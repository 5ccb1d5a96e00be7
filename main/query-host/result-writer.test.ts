import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { crc32 } from 'node:zlib'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { buildChunks } from '#contract/chunk/encode.ts'
import {
  decodeFrame,
  decodeIndexEntry,
  encodeFileHeader,
  FRAME_BYTES,
  INDEX_ENTRY_BYTES,
} from '#contract/chunk/result-file.ts'
import { RequestFailed } from '#kit/request-failed.ts'
import { writeResult } from './result-writer.ts'

const run = promisify(execFile)
const COLUMNS = [{ name: 'a', declaredType: null }]
/** Smaller than the rows that the test writes. */
const SMALL_DISK = 'size=256k'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offloop-writer-'))
})
afterEach(() => rm(folder, { recursive: true }))

function chunk(rows: number): Uint8Array {
  const builder = buildChunks(1)
  for (let row = 0; row < rows; row += 1) builder.append([`value ${row}`])
  return builder.finish()
}

it('writes each chunk behind its frame and an index entry that points to it', async () => {
  const writer = writeResult(join(folder, 'r'), COLUMNS)
  const chunks = [chunk(3), chunk(5)]
  for (const [index, bytes] of chunks.entries()) writer.write(bytes, index === 0 ? 3 : 5)
  writer.end()
  writer.close()
  writer.close()
  const rows = await readFile(join(folder, 'r.rows'))
  const index = await readFile(join(folder, 'r.index'))
  expect(rows.length).toBe(writer.bytes)
  expect(
    rows.subarray(0, encodeFileHeader(COLUMNS, crc32).length).equals(encodeFileHeader(COLUMNS, crc32)),
  ).toBe(true)
  expect(index.length).toBe(2 * INDEX_ENTRY_BYTES)
  const second = decodeIndexEntry(index.subarray(INDEX_ENTRY_BYTES), crc32)
  expect(second).toMatchObject({ firstRow: 3, rows: 5, crc: crc32(chunks[1] ?? '') })
  const at = (second?.offset ?? 0) + FRAME_BYTES
  expect(rows.subarray(at, at + (second?.length ?? 0)).equals(chunks[1] ?? Buffer.alloc(0))).toBe(true)
  expect(decodeFrame(rows.subarray(rows.length - FRAME_BYTES))).toEqual({ kind: 'end', rows: 8 })
})

it('says that the disk is full, and what to do', async (context) => {
  const disk = join(folder, 'disk')
  await mkdir(disk)
  try {
    await run('mount', ['-t', 'tmpfs', '-o', SMALL_DISK, 'tmpfs', disk])
  } catch (error) {
    context.skip(`A small disk cannot be mounted here: ${String(error)}`)
  }
  try {
    const writer = writeResult(join(disk, 'r'), COLUMNS)
    const thrown = (() => {
      try {
        for (;;) writer.write(chunk(4_000), 4_000)
      } catch (error) {
        return error
      } finally {
        writer.close()
      }
    })()
    expect(thrown).toBeInstanceOf(RequestFailed)
    expect(thrown).toMatchObject({ failure: { code: 'disk-full', details: { engineCode: 'ENOSPC' } } })
    await writeFile(join(disk, 'fill'), Buffer.alloc(1)).catch(() => undefined)
  } finally {
    await run('umount', [disk])
  }
})
