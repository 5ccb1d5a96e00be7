import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runCommand } from '../process/run-command.ts'
import { runOnSmallDisk } from './small-disk-fixture.ts'
import { temporaryFolder } from './temporary-folder-fixture.ts'
import { unpackTarball, unpackZip } from './unpack.ts'
import { zip } from './zip-fixture.ts'
import { setupFailure } from './setup-failure-fixture.ts'

const { signal } = new AbortController()
const TWO_MEGABYTES = 2_000_000

describe('unpackTarball', () => {
  test('says that a file that is no tarball is a broken download', async () => {
    const folder = await temporaryFolder()
    const file = join(folder, 'broken.tgz')
    await writeFile(file, 'no tarball')
    const failure = await setupFailure(unpackTarball(file, 'member', folder, signal))
    expect(failure.code).toBe('broken-download')
    expect(failure.message).toContain(file)
  })

  test('says that the disk is full', async (context) => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'large'), Buffer.alloc(TWO_MEGABYTES))
    const file = join(folder, 'large.tgz')
    await runCommand('tar', ['-czf', file, '-C', folder, 'large'], { signal })
    const call = `unpackTarball(${JSON.stringify(file)}, 'large', disk, new AbortController().signal)`
    expect(await failureOnFullDisk(context, call)).toBe('disk-full')
  })
})

describe('unpackZip', () => {
  test('says that a file that is no zip is a broken download', async () => {
    const folder = await temporaryFolder()
    const file = join(folder, 'broken.zip')
    await writeFile(file, 'no zip')
    const failure = await setupFailure(unpackZip(file, folder))
    expect(failure.code).toBe('broken-download')
    expect(failure.message).toContain(file)
  })

  test('says that the disk is full', async (context) => {
    const file = join(await temporaryFolder(), 'large.zip')
    await writeFile(file, zip({ large: 'x'.repeat(TWO_MEGABYTES) }))
    expect(await failureOnFullDisk(context, `unpackZip(${JSON.stringify(file)}, disk)`)).toBe('disk-full')
  })
})

async function failureOnFullDisk(
  context: Parameters<typeof runOnSmallDisk>[0],
  call: string,
): Promise<unknown> {
  return runOnSmallDisk(
    context,
    'one-megabyte',
    await temporaryFolder(),
    `
    import { unpackTarball, unpackZip } from './unpack.ts'
    const failure = await ${call}.catch((error) => error)
    console.log(JSON.stringify(failure.code))
    `,
  )
}
