import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { savePicture } from './save-picture.ts'

const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2])

test('a picture is written where it was wanted, and what is none nowhere', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'offloop-picture-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const to = join(folder, 'chart.png')
  await expect(savePicture(new Uint8Array([1, 2, 3]), to)).rejects.toMatchObject({ code: 'invalid-params' })
  await savePicture(PNG, to)
  expect([...(await readFile(to))]).toEqual([...PNG])
  await expect(savePicture(PNG, folder)).rejects.toMatchObject({ code: 'invalid-params' })
  await expect(savePicture(PNG, join(folder, 'gone', 'chart.png'))).rejects.toMatchObject({
    code: 'invalid-params',
  })
})
