import { readFile, readdir } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { downloadPackage } from './download-package.ts'
import { deadRegistry, pointNpmTo, serveNpmRegistry, sha512 } from './npm-registry-fixture.ts'
import { runOnSmallDisk } from './small-disk-fixture.ts'
import { temporaryFolder } from './temporary-folder-fixture.ts'
import { setupFailure } from './setup-failure-fixture.ts'

const name = '@offloop-test/thing'
const version = '1.2.3'
const { signal } = new AbortController()

const tarball = Buffer.from('any bytes do, npm pack does not look inside')
const pinned = { name, version, sha512: sha512(tarball) }

describe('downloadPackage', () => {
  test('fetches the tarball and leaves no other file', async () => {
    await serveNpmRegistry({ name, version, tarball })
    const folder = await temporaryFolder()
    const file = await downloadPackage(pinned, folder, signal)
    expect(await readFile(file)).toEqual(tarball)
    expect(await readdir(folder)).toEqual(['download'])
  })

  test('refuses a tarball with another checksum, naming both', async () => {
    const other = Buffer.from('something else, honestly announced by the registry')
    await serveNpmRegistry({ name, version, tarball: other })
    const failure = await setupFailure(downloadPackage(pinned, await temporaryFolder(), signal))
    expect(failure.code).toBe('wrong-checksum')
    expect(failure.message).toMatch(
      RegExp(`expected sha512-.{88}\n +received sha512-${sha512(other).replaceAll('+', '\\+')}`),
    )
  })

  test.each([
    ['is shorter than announced', (response) => response.end(tarball.subarray(0, 10))],
    [
      'breaks off in the middle',
      (response) => {
        response.writeHead(200, { 'content-length': tarball.length })
        response.write(tarball.subarray(0, 10), () => response.destroy())
      },
    ],
  ] satisfies [string, NonNullable<Parameters<typeof serveNpmRegistry>[0]['send']>][])(
    'says that the download is broken when it %s',
    async (_, send) => {
      await serveNpmRegistry({ name, version, tarball, send })
      const failure = await setupFailure(downloadPackage(pinned, await temporaryFolder(), signal))
      expect(failure.code).toBe('broken-download')
      expect(failure.message).toContain('Run the same command again')
    },
  )

  test('says that no registry answered', async () => {
    pointNpmTo(await deadRegistry())
    const failure = await setupFailure(downloadPackage(pinned, await temporaryFolder(), signal))
    expect(failure.code).toBe('no-network')
    expect(failure.message).toMatch(/ECONNREFUSED.*\n.*Connect to a network/s)
  })

  test('says that the registry does not have the version', async () => {
    await serveNpmRegistry({ name, version, tarball })
    const other = { ...pinned, version: '9.9.9' }
    const failure = await setupFailure(downloadPackage(other, await temporaryFolder(), signal))
    expect(failure.code).toBe('no-network')
    expect(failure.message).toMatch(/9\.9\.9.*does not have it/s)
  })

  test('says that the disk is full when npm finds it so', async (context) => {
    const large = Buffer.alloc(2_000_000, 'offloop')
    await serveNpmRegistry({ name, version, tarball: large })
    const disk = await temporaryFolder()
    const result = await runOnSmallDisk(
      context,
      'one-megabyte',
      disk,
      `
      import { downloadPackage } from './download-package.ts'
      const pinned = ${JSON.stringify({ name, version, sha512: sha512(large) })}
      const failure = await downloadPackage(pinned, disk, new AbortController().signal).catch((error) => error)
      console.log(JSON.stringify([failure.code, failure.message]))
      `,
    )
    expect(result).toEqual(['disk-full', expect.stringContaining(disk)])
  })

  test('stops when it is told to, while the registry keeps it waiting', async () => {
    const stopped = new AbortController()
    await serveNpmRegistry({ name, version, tarball, send: () => stopped.abort() })
    await expect(downloadPackage(pinned, await temporaryFolder(), stopped.signal)).rejects.toThrow('aborted')
  })
})
