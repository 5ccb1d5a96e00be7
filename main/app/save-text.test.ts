import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { saveText } from './save-text.ts'

test('a text replaces what was in its file, and a place where there can be no file is named', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'offloop-text-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const to = join(folder, 'a.json')
  writeFileSync(to, 'something longer that was there')
  await saveText('Ü\n', to)
  expect(readFileSync(to, 'utf8')).toBe('Ü\n')
  await expect(saveText('x', join(folder, 'gone', 'b'))).rejects.toMatchObject({
    failure: { code: 'invalid-params', message: expect.stringContaining('Choose another place') as string },
  })
})
