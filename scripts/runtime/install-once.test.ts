import { mkdir, mkdtemp, readFile, readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { installOnce } from './install-once.ts'
import { runOnSmallDisk } from './small-disk-fixture.ts'
import { temporaryFolder } from './temporary-folder-fixture.ts'
import { setupFailure } from './setup-failure-fixture.ts'

const greet = (draft: string) => writeFile(join(draft, 'greeting'), 'hello')

describe('installOnce', () => {
  test('builds the first time and not again', async () => {
    const folder = join(await temporaryFolder(), 'cache', 'thing')
    let builds = 0
    const build = (draft: string) => {
      builds += 1
      return greet(draft)
    }
    await installOnce(folder, build)
    await installOnce(folder, build)
    expect(builds).toBe(1)
    expect(await readFile(join(folder, 'greeting'), 'utf8')).toBe('hello')
  })

  test('leaves nothing behind when the build fails, and builds anew the next time', async () => {
    const cache = await temporaryFolder()
    const folder = join(cache, 'thing')
    const failing = async (draft: string) => {
      await greet(draft)
      throw new Error('broke off')
    }
    await expect(installOnce(folder, failing)).rejects.toThrow('broke off')
    expect(await readdir(cache)).toEqual([])
    await installOnce(folder, greet)
    expect(await readdir(folder)).toContain('greeting')
  })

  test.each([
    ['a file is missing', { greeting: null }],
    ['a file was cut off', { greeting: 'hel' }],
    ['the manifest was cut off', { 'manifest.json': '{"greeting"' }],
  ])('builds again when %s', async (_, damage) => {
    const folder = join(await temporaryFolder(), 'thing')
    await mkdir(folder)
    await writeFile(join(folder, 'manifest.json'), '{"greeting":5}')
    for (const [name, content] of Object.entries(damage)) {
      if (content !== null) await writeFile(join(folder, name), content)
    }
    await installOnce(folder, greet)
    expect(await readFile(join(folder, 'greeting'), 'utf8')).toBe('hello')
  })

  test('ends well for everyone who builds at the same time', async () => {
    const cache = await temporaryFolder()
    const folder = join(cache, 'thing')
    const { promise: bothBuild, resolve } = Promise.withResolvers<null>()
    let builds = 0
    const build = async (draft: string) => {
      builds += 1
      if (builds === 2) resolve(null)
      await bothBuild
      await greet(draft)
    }
    await Promise.all([installOnce(folder, build), installOnce(folder, build)])
    expect(await readdir(cache)).toEqual(['thing'])
    expect(await readFile(join(folder, 'greeting'), 'utf8')).toBe('hello')
  })

  test('clears away what a killed build left two days ago, and spares one that may still run', async () => {
    const cache = await temporaryFolder()
    const old = await mkdtemp(join(cache, '.draft-'))
    const fresh = await mkdtemp(join(cache, '.draft-'))
    const twoDaysAgo = new Date(Date.now() - 2 * 24 * 60 * 60 * 1000)
    await utimes(old, twoDaysAgo, twoDaysAgo)
    await installOnce(join(cache, 'thing'), greet)
    const left = (await readdir(cache)).map((name) => join(cache, name))
    expect(left).toContain(fresh)
    expect(left).not.toContain(old)
  })

  test('names the folder when the disk is full, and leaves no draft on it', async (context) => {
    const disk = await temporaryFolder()
    const result = await runOnSmallDisk(
      context,
      'one-megabyte',
      disk,
      `
      import { readdir, writeFile } from 'node:fs/promises'
      import { installOnce } from './install-once.ts'
      const fill = (draft) => writeFile(draft + '/large', Buffer.alloc(2_000_000))
      const failure = await installOnce(disk + '/cache/thing', fill).catch((error) => error)
      console.log(JSON.stringify([failure.code, failure.message, await readdir(disk + '/cache')]))
      `,
    )
    expect(result).toEqual(['disk-full', expect.stringContaining(`${disk}/cache is full`), []])
  })

  test('names the folder when it is read-only', async (context) => {
    const disk = await temporaryFolder()
    const result = await runOnSmallDisk(
      context,
      'read-only',
      disk,
      `
      import { installOnce } from './install-once.ts'
      const failure = await installOnce(disk + '/cache/thing', async () => {}).catch((error) => error)
      console.log(JSON.stringify([failure.code, failure.message]))
      `,
    )
    expect(result).toEqual(['not-writable', expect.stringContaining(disk)])
  })

  test('names the folder when a file stands in its way', async () => {
    const file = join(await temporaryFolder(), 'file')
    await writeFile(file, '')
    const failure = await setupFailure(installOnce(join(file, 'offloop', 'thing'), greet))
    expect(failure.code).toBe('not-writable')
    expect(failure.message).toContain(join(file, 'offloop'))
  })
})
