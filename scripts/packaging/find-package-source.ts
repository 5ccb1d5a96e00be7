import { join } from 'node:path'
import { cacheFolder } from '../runtime/cache-folder.ts'
import { describeRuntime } from '../runtime/electron-runtime.ts'
import { executablePath } from '../runtime/executable-path.ts'
import { installedElectron, shippedVersion } from '../runtime/installed-electron.ts'
import { resolveElectron } from '../runtime/resolve-electron.ts'
import { SetupFailure } from '../runtime/setup-failure.ts'
import type { PackageSource } from './package-source.ts'

/**
 * Finds the Electron for a package: for people only the version that Offloop ships, fetched from its release page; for
 * the tests whichever runs here.
 *
 * @param root the checkout's folder
 * @throws SetupFailure when there is none, saying what can be done instead
 */
export async function findPackageSource(
  root: string,
  purpose: PackageSource['purpose'],
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<PackageSource> {
  const { platform, arch, env: environment } = process
  const electronPackage = join(root, 'node_modules', 'electron')
  const cache = cacheFolder(environment, platform)
  switch (purpose) {
    case 'release': {
      const electronVersion = await shippedVersion(electronPackage)
      // Seen to be there first: electron-builder, which takes the same download, would retry it for minutes.
      const shipped = await installedElectron({ electronPackage, cache, rememberFailure: false, signal, say })
      if (shipped === null) throw unreachableElectron(electronVersion)
      say(`Packing Electron ${electronVersion}, the version that Offloop ships`)
      return { purpose, electronVersion }
    }
    case 'test': {
      const runtime = await resolveElectron({
        electronPackage,
        cache,
        environment,
        platform,
        arch,
        signal,
        say,
      })
      say(`Packing for tests what runs here: ${describeRuntime(runtime)}`)
      const electronFolder = runtime.executable.slice(0, -executablePath(platform).length - 1)
      return { purpose, electronVersion: runtime.version, electronFolder }
    }
    default:
      return unreachable(purpose)
  }
}

function unreachableElectron(version: string): SetupFailure {
  return new SetupFailure(
    'no-network',
    `Electron ${version} could not be downloaded from its release page (github.com), so no package for people was made.\n` +
      'Connect to a network that reaches it, or name a mirror with ELECTRON_MIRROR, and run the same command again. Another ' +
      'Electron is never packed for people.\n' +
      'To try Offloop as it is packaged, make a test package with the Electron that runs here:\n\n' +
      '  npm run package -- --test',
  )
}

function unreachable(purpose: never): never {
  throw new Error(`unknown purpose of a package: ${String(purpose)}`)
}
