import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runCommand } from '../process/run-command.ts'
import { temporaryFolder } from '../runtime/temporary-folder-fixture.ts'
import { makeDeb } from './make-deb.ts'
import type { PackedApp } from './packed-app.ts'

const { signal } = new AbortController()

async function packedApp(root: string): Promise<PackedApp> {
  const folder = join(root, 'linux-unpacked')
  await mkdir(join(root, 'resources', 'icons', 'png'), { recursive: true })
  await writeFile(join(root, 'resources', 'icons', 'png', '32x32.png'), 'picture')
  await mkdir(folder)
  await writeFile(join(folder, 'offloop'), '#!/bin/sh\necho started\n', { mode: 0o755 })
  await writeFile(join(folder, 'chrome-sandbox'), 'helper', { mode: 0o755 })
  await symlink('offloop', join(folder, 'link'))
  return {
    platform: 'linux',
    arch: 'x64',
    folder,
    program: 'offloop',
    config: {
      linux: { maintainer: 'Somebody', synopsis: 'Workbench', category: 'Development' },
      deb: { depends: ['libnss3'] },
      fileAssociations: [{ ext: 'db', mimeType: 'application/vnd.sqlite3' }],
      protocols: { name: 'Offloop', schemes: ['offloop'] },
    },
    name: 'offloop',
    productName: 'Offloop',
    version: '1.0.0',
    description: 'For slow things.',
  }
}

async function output(...command: string[]): Promise<string> {
  const [file = '', ...rest] = command
  const { code, stdout, stderr } = await runCommand(file, rest, { signal })
  expect(code, stderr).toBe(0)
  return stdout
}

describe.skipIf(process.platform !== 'linux')('a deb', () => {
  test('holds the app as root owns it, its command, icon and desktop entry', async () => {
    const root = await temporaryFolder()
    const deb = await makeDeb(root, await packedApp(root), root, signal)
    expect(deb).toBe(join(root, 'offloop_1.0.0_amd64.deb'))

    const list = await output('dpkg-deb', '--contents', deb)
    expect(list).toMatch(/^drwxr-xr-x root\/root .* \.\/$/m)
    expect(list).toMatch(/^-rwxr-xr-x root\/root .* \.\/opt\/offloop\/offloop$/m)
    expect(list).toMatch(/^-rwsr-xr-x root\/root .* \.\/opt\/offloop\/chrome-sandbox$/m)
    expect(list).toMatch(/^l.* \.\/opt\/offloop\/link -> offloop$/m)
    expect(list).toMatch(/^l.* \.\/usr\/bin\/offloop -> \/opt\/offloop\/offloop$/m)
    expect(list).toMatch(/ \.\/usr\/share\/icons\/hicolor\/32x32\/apps\/offloop\.png$/m)

    expect(await output('dpkg-deb', '--field', deb, 'Package', 'Depends')).toBe(
      'Package: offloop\nDepends: libnss3\n',
    )
    await output('dpkg-deb', '--extract', deb, join(root, 'installed'))
    const entry = await output('cat', join(root, 'installed/usr/share/applications/offloop.desktop'))
    expect(entry).toContain('Exec="/opt/offloop/offloop" %U\n')
    expect(entry).toContain('MimeType=application/vnd.sqlite3;x-scheme-handler/offloop;\n')
  })

  test('that dpkg-deb refuses leaves its words and no file', async () => {
    const root = await temporaryFolder()
    const badlyNamed = { ...(await packedApp(root)), name: 'Not A Name' }
    await expect(makeDeb(root, badlyNamed, root, signal)).rejects.toThrow(
      /Not A Name.* could not be made:\ndpkg-deb: error: /,
    )
    expect((await readdir(root)).filter((name) => name.endsWith('.deb'))).toEqual([])
  })
})
