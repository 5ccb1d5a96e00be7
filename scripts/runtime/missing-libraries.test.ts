import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { missingLibraries } from './missing-libraries.ts'
import { temporaryFolder } from './temporary-folder-fixture.ts'

const { signal } = new AbortController()

describe('missingLibraries', () => {
  test('finds none for a program that runs here', async () => {
    expect(await missingLibraries('/bin/sh', signal)).toEqual([])
  })

  test('names a library that this machine does not have', async () => {
    const program = join(await temporaryFolder(), 'program')
    await copyFile('/bin/sh', program)
    const needsAnother = (await readFile(program, 'latin1')).replaceAll('libc.so.6', 'libq.so.6')
    await writeFile(program, needsAnother, 'latin1')
    expect(await missingLibraries(program, signal)).toEqual(['libq.so.6'])
  })
})
