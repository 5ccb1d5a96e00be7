import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SetupFailure } from '../runtime/setup-failure.ts'
import { electronInside } from './electron-inside.ts'
import type { PackageSource } from './package-source.ts'
import { electronBinary, resourcesFolder, type PackedApp } from './packed-app.ts'

/** Lies in every test package, beside the program. */
export const TEST_NOTICE_FILE = 'NOT-FOR-DISTRIBUTION.txt'

const TEST_NOTICE = `This is a test package of Offloop. Do not hand it on.

It exists so that tests can run Offloop as it is packaged. It may hold an older Electron than the one that Offloop ships,
without its security fixes, and it lets a debugger in. Make a package for people with: npm run package
`

/** What an unpacked Electron may bring along to run other apps with: its own default app, or a loader of folders. */
const OTHER_APPS = ['default_app.asar', 'app']

/**
 * Makes sure of the Electron in a packed app, before its fuses are set and it is signed: it must be the one that its
 * source names, and start nothing but Offloop.
 *
 * @throws SetupFailure `packaging` when it is another one; the folder is removed then, so that nobody takes it for good
 */
export async function settleElectron(packed: PackedApp, source: PackageSource): Promise<void> {
  const binary = electronBinary(packed)
  const found = await electronInside(binary)
  if (found !== source.electronVersion) {
    await rm(packed.folder, { recursive: true })
    throw new SetupFailure(
      'packaging',
      `The package would have held ${found === null ? 'no Electron that can be recognised' : `Electron ${found}`} instead of ` +
        `Electron ${source.electronVersion} (${binary}), so it was removed. Look whether electron-builder.yml names an ` +
        'electronDist, or whether ELECTRON_MIRROR names a mirror that serves something else.',
    )
  }
  for (const name of OTHER_APPS) {
    await rm(join(resourcesFolder(packed), name), { recursive: true, force: true })
  }
  if (source.purpose === 'test') await writeFile(join(packed.folder, TEST_NOTICE_FILE), TEST_NOTICE)
}
