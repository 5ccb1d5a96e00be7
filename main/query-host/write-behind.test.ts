import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { buildChunks } from '#contract/chunk/encode.ts'
import { FRAME_BYTES } from '#contract/chunk/result-file.ts'
import { writeResult, type ResultWriter } from './result-writer.ts'
import { writeBehind } from './write-behind.ts'

const COLUMNS = [{ name: 'a', declaredType: null }]
/** Two of them are more than may wait. */
const LONG_VALUE = 'x'.repeat(1_500_000)

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offloop-behind-'))
})
afterEach(() => rm(folder, { recursive: true }))

function chunkOf(...values: string[]): Uint8Array<ArrayBuffer> {
  const builder = buildChunks(1)
  for (const value of values) builder.append([value])
  return builder.finish()
}

/** The bytes of both files of a result. */
async function filesOf(name: string): Promise<Buffer[]> {
  return Promise.all(['rows', 'index'].map((ending) => readFile(join(folder, `${name}.${ending}`))))
}

it('writes what writing at once does, and hands each chunk on when it is in the file', async () => {
  const texts = Array.from({ length: 50 }, (_, index) => [`first ${index}`, `second ${index}`])
  const plain = writeResult(join(folder, 'plain'), COLUMNS)
  for (const each of texts) plain.write(chunkOf(...each), each.length)
  plain.end()
  plain.close()

  const writer = writeResult(join(folder, 'behind'), COLUMNS)
  const handed: { firstRow: number; inFile: boolean }[] = []
  const behind = writeBehind(writer, async ({ rows }, firstRow) => {
    handed.push({ firstRow, inFile: writer.rows >= firstRow + rows })
  })
  for (const each of texts) await behind.take(chunkOf(...each), each.length)
  expect({ rows: behind.rows, bytes: behind.bytes + FRAME_BYTES }).toEqual({ rows: 100, bytes: plain.bytes })
  await behind.settle()
  writer.end()
  writer.close()
  expect(handed).toEqual(texts.map((_, index) => ({ firstRow: index * 2, inFile: true })))
  expect(await filesOf('behind')).toEqual(await filesOf('plain'))
})

it('takes no more while the one that it hands chunks to is busy', async () => {
  const writer = writeResult(join(folder, 'slow'), COLUMNS)
  const done = Promise.withResolvers<undefined>()
  const begun = Promise.withResolvers<undefined>()
  const behind = writeBehind(writer, async () => {
    begun.resolve(undefined)
    await done.promise
  })
  expect(behind.take(chunkOf(LONG_VALUE), 1)).toBeUndefined()
  await begun.promise
  expect(behind.take(chunkOf(LONG_VALUE), 1)).toBeUndefined()
  const room = behind.take(chunkOf(LONG_VALUE), 1)
  expect(room).toBeInstanceOf(Promise)
  done.resolve(undefined)
  await room
  await behind.settle()
  writer.close()
  expect(writer.rows).toBe(3)
})

it('tells whoever waits, comes next or ends that a chunk could not be written', async () => {
  const writer = writeResult(join(folder, 'broken'), COLUMNS)
  const failure = new Error('The disk is gone.')
  const broken: ResultWriter = { ...writer, rows: 0, bytes: 0, writeLater: () => Promise.reject(failure) }
  const behind = writeBehind(broken, async () => {
    throw new Error('Nothing was written.')
  })
  await behind.take(chunkOf(LONG_VALUE, LONG_VALUE), 2)
  expect(() => behind.take(chunkOf('next'), 1)).toThrow(failure)
  await expect(behind.settle()).rejects.toBe(failure)
  writer.close()
})
