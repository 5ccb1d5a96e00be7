import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { saveCopy } from './save-copy.ts'

test('a copy has every byte, and replaces what was there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'offloop-copy-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const from = join(folder, 'output')
  writeFileSync(from, Buffer.from([0, 255, 10, 13]))
  const to = join(folder, 'copy.log')
  writeFileSync(to, 'something longer that was there')
  await saveCopy(from, to)
  expect(readFileSync(to)).toEqual(Buffer.from([0, 255, 10, 13]))
})

test('a copy that cannot be made says why', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'offloop-copy-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await expect(saveCopy(join(folder, 'gone'), join(folder, 'to'))).rejects.toMatchObject({
    code: 'not-found',
  })
  writeFileSync(join(folder, 'output'), '')
  mkdirSync(join(folder, 'to'))
  await expect(saveCopy(join(folder, 'output'), join(folder, 'to'))).rejects.toMatchObject({
    code: 'invalid-params',
  })
})
