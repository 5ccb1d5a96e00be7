import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../runtime/temporary-folder-fixture.ts'
import { electronInside } from './electron-inside.ts'

/** How much Node reads at once: what lies across this offset comes in two pieces. */
const PIECE_BYTES = 64 * 1024

async function binaryWith(text: string, offset: number): Promise<string> {
  const file = join(await temporaryFolder(), 'binary')
  const content = Buffer.alloc(3 * PIECE_BYTES, 0xff)
  content.write(`\0${text}\0`, offset)
  await writeFile(file, content)
  return file
}

test('the version is found wherever it lies across two pieces of the file', async () => {
  const text = 'Chrome/140.0.1 Electron/45.4.12'
  for (let before = 0; before <= text.length + 1; before++) {
    expect(await electronInside(await binaryWith(text, PIECE_BYTES - before)), `${before} bytes before`).toBe(
      '45.4.12',
    )
  }
})

test('a binary that is no Electron has no version', async () => {
  expect(await electronInside(await binaryWith('Node/24.1.0', 100))).toBeNull()
})
