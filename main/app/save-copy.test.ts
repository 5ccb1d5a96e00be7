import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { gapMarker } from '#contract/output-gap.ts'
import { saveCopy } from './save-copy.ts'

const filesIn = (folder: string, name: string) => ({ output: join(folder, name), gap: join(folder, 'gap') })

test('a copy has every byte, and replaces what was there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'offloop-copy-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const from = join(folder, 'output')
  writeFileSync(from, Buffer.from([0, 255, 10, 13]))
  const to = join(folder, 'copy.log')
  writeFileSync(to, 'something longer that was there')
  await saveCopy({ output: from, gap: join(folder, 'gap') }, to)
  expect(readFileSync(to)).toEqual(Buffer.from([0, 255, 10, 13]))
})

test('in a copy a line stands for what was not kept', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'offloop-copy-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const files = filesIn(folder, 'output')
  writeFileSync(files.output, 'begin\0\0\0\0end')
  writeFileSync(files.gap, JSON.stringify({ from: 5, to: 9, newlines: 1 }))
  const to = join(folder, 'copy.log')
  await saveCopy(files, to)
  expect(readFileSync(to, 'utf8')).toBe(`begin${gapMarker({ from: 5, to: 9 })}end`)
})

test('a copy that cannot be made says why', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'offloop-copy-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await expect(saveCopy(filesIn(folder, 'gone'), join(folder, 'to'))).rejects.toMatchObject({
    code: 'not-found',
  })
  writeFileSync(join(folder, 'output'), '')
  mkdirSync(join(folder, 'to'))
  await expect(saveCopy(filesIn(folder, 'output'), join(folder, 'to'))).rejects.toMatchObject({
    code: 'invalid-params',
  })
})
