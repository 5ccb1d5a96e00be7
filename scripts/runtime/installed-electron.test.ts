import { mkdir, readFile, readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { installedElectron, type InstalledElectronOptions } from './installed-electron.ts'
import { temporaryFolder } from './temporary-folder-fixture.ts'
import { setupFailure } from './setup-failure-fixture.ts'

/** Does what electron's own installer does at its end. */
const SUCCEEDS = `
  const fs = require('node:fs')
  const at = (name) => require('node:path').join(__dirname, name)
  fs.appendFileSync(at('attempts'), 'x')
  fs.mkdirSync(at('dist'))
  fs.writeFileSync(at('dist/electron'), '')
  fs.writeFileSync(at('dist/version'), '45.0.0')
  fs.writeFileSync(at('path.txt'), 'electron')
`
const FAILS = `require('node:fs').appendFileSync(__dirname + '/attempts', 'x'); process.exit(1)`
const STALLS = `require('node:fs').writeFileSync(__dirname + '/attempts', 'x'); setInterval(() => {}, 1000)`

async function electronPackage(installer: string): Promise<InstalledElectronOptions> {
  const folder = await temporaryFolder()
  const electron = join(folder, 'electron')
  await mkdir(electron)
  await writeFile(join(electron, 'package.json'), '{"version":"45.0.0"}')
  await writeFile(join(electron, 'install.js'), installer)
  const { signal } = new AbortController()
  return {
    electronPackage: electron,
    cache: join(folder, 'cache'),
    rememberFailure: true,
    signal,
    say: () => {},
  }
}

async function attempts(options: InstalledElectronOptions): Promise<number> {
  return (await readFile(join(options.electronPackage, 'attempts'), 'utf8')).length
}

describe('installedElectron', () => {
  test("lets electron's own installer fetch the binary, once", async () => {
    const options = await electronPackage(SUCCEEDS)
    const executable = join(options.electronPackage, 'dist', 'electron')
    const found = { source: 'installed', version: '45.0.0', executable }
    expect(await installedElectron(options)).toEqual(found)
    expect(await installedElectron(options)).toEqual(found)
    expect(await attempts(options)).toBe(1)
  })

  test('does not take a binary of another version for the right one', async () => {
    const options = await electronPackage(SUCCEEDS.replace('45.0.0', '44.0.0'))
    expect(await installedElectron(options)).toBeNull()
  })

  test('does not try again within a day after a failure', async () => {
    const options = await electronPackage(FAILS)
    expect(await installedElectron(options)).toBeNull()
    expect(await installedElectron(options)).toBeNull()
    expect(await attempts(options)).toBe(1)
  })

  test('tries again when the failure is more than a day old', async () => {
    const options = await electronPackage(FAILS)
    await installedElectron(options)
    const yesterday = new Date(Date.now() - 25 * 60 * 60 * 1000)
    await utimes(join(options.cache, 'electron-45.0.0.unreachable'), yesterday, yesterday)
    await installedElectron(options)
    expect(await attempts(options)).toBe(2)
  })

  test('tries every time where nothing can stand in', async () => {
    const options = { ...(await electronPackage(FAILS)), rememberFailure: false }
    await installedElectron(options)
    await installedElectron(options)
    expect(await attempts(options)).toBe(2)
  })

  test('gives up a download that stands still, and keeps nothing of it', async () => {
    const options = { ...(await electronPackage(STALLS)), stalledAfter: 1 }
    expect(await installedElectron(options)).toBeNull()
    expect(await attempts(options)).toBe(1)
    expect(await readdir(options.cache)).toEqual(['electron-45.0.0.unreachable'])
  })

  test('stops when it is told to, without remembering that as a failure', async () => {
    const stopped = new AbortController()
    const options = { ...(await electronPackage(STALLS)), signal: stopped.signal, say: () => stopped.abort() }
    await expect(installedElectron(options)).rejects.toThrow('aborted')
    expect(await readdir(options.cache)).toEqual([])
  })

  test('says that the cache folder cannot be written to', async () => {
    const options = await electronPackage(FAILS)
    await writeFile(options.cache, 'a file in its place')
    const failure = await setupFailure(installedElectron(options))
    expect(failure.code).toBe('not-writable')
  })
})
