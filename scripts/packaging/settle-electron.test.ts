import { access, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../runtime/temporary-folder-fixture.ts'
import type { PackedApp } from './packed-app.ts'
import { settleElectron, TEST_NOTICE_FILE } from './settle-electron.ts'

/** A folder as electron-builder leaves it, with a binary that says which Electron it is. */
async function packedElectron(version: string): Promise<PackedApp> {
  const folder = join(await temporaryFolder(), 'linux-unpacked')
  await mkdir(join(folder, 'resources', 'app'), { recursive: true })
  await writeFile(join(folder, 'resources', 'app', 'main.mjs'), '')
  await writeFile(join(folder, 'resources', 'app.asar'), '')
  await writeFile(join(folder, 'resources', 'default_app.asar'), '')
  await writeFile(join(folder, 'offloop'), `binary\0Chrome/130.0 Electron/${version}\0binary`)
  return {
    platform: 'linux',
    arch: 'x64',
    folder,
    program: 'offloop',
    config: {},
    name: 'offloop',
    productName: 'Offloop',
    version: '1.0.0',
    description: '',
  }
}

test('another Electron than the one that Offloop ships never stays in a package for people', async () => {
  const packed = await packedElectron('33.2.1')
  await expect(settleElectron(packed, { purpose: 'release', electronVersion: '45.4.1' })).rejects.toThrow(
    /Electron 33\.2\.1 instead of Electron 45\.4\.1/,
  )
  await expect(access(packed.folder)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('a package for people starts Offloop alone and is not called a test package', async () => {
  const packed = await packedElectron('45.4.1')
  await settleElectron(packed, { purpose: 'release', electronVersion: '45.4.1' })
  expect(await readdir(join(packed.folder, 'resources'))).toEqual(['app.asar'])
  expect(await readdir(packed.folder)).not.toContain(TEST_NOTICE_FILE)
})

test('a test package may hold another Electron, and says that it must not be handed on', async () => {
  const packed = await packedElectron('33.2.1')
  await settleElectron(packed, { purpose: 'test', electronVersion: '33.2.1', electronFolder: '/anywhere' })
  expect(await readdir(join(packed.folder, 'resources'))).toEqual(['app.asar'])
  expect(await readdir(packed.folder)).toContain(TEST_NOTICE_FILE)
})
