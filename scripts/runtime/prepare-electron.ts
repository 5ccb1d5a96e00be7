import { join } from 'node:path'
import { cacheFolder } from './cache-folder.ts'
import type { ElectronLaunch } from './electron-launch.ts'
import { describeRuntime, type ElectronRuntime } from './electron-runtime.ts'
import { nodeApiVersion } from './node-api-version.ts'
import { resolveElectron } from './resolve-electron.ts'
import { sandboxArguments } from './sandbox.ts'
import { buildSqliteAddon } from './sqlite-addon.ts'
import { ensureSystemPackages } from './system-packages.ts'
import { compilerNeeds, displayNeeds, fontNeeds, libraryNeeds } from './system-need.ts'

/** better-sqlite3's published binary needs at least this. */
const SQLITE_NODE_API = 10

/**
 * Chromium calls it an error that a machine has no D-Bus or no graphics card, in ten lines at each start, and works all
 * the same. What it cannot survive is still shown.
 */
const FATAL_ERRORS_ONLY = '--log-level=3'

export type PrepareOptions = {
  /** The checkout's folder. */
  root: string
  /** Whether pictures of the window will be looked at, so that Chinese text needs a font. */
  needsFonts: boolean
  signal: AbortSignal
  say: (line: string) => void
}

/**
 * Gets everything ready that a real Electron needs here (its binary, system libraries, better-sqlite3), and says in one
 * line which Electron it is. Takes about 0.3 s once everything is there.
 *
 * @throws SetupFailure when something is missing that cannot be fetched, built or installed from here
 */
export async function prepareElectron({
  root,
  needsFonts,
  signal,
  say,
}: PrepareOptions): Promise<ElectronLaunch> {
  const { platform, arch, env: environment } = process
  const isRoot = process.getuid?.() === 0
  const nodeModules = join(root, 'node_modules')
  const cache = cacheFolder(environment, platform)

  const electronPackage = join(nodeModules, 'electron')
  const runtime = await resolveElectron({ electronPackage, cache, environment, platform, arch, signal, say })
  const forWhat = `Electron ${runtime.version}`
  const find = async () => [
    ...(await libraryNeeds(runtime.executable, platform, signal)),
    ...(await displayNeeds(environment, signal)),
    ...(needsFonts ? await fontNeeds(signal) : []),
  ]
  await ensureSystemPackages({ find, forWhat, isRoot, signal, say })
  const args = [...(await sandboxArguments({ platform, isRoot }, signal)), FATAL_ERRORS_ONLY]

  const env: Record<string, string> = {}
  if (await needsOwnAddon(runtime, signal)) {
    env['OFFLOOP_SQLITE_BINDING'] = await buildSqliteAddon({
      nodeModules,
      cache,
      electron: runtime,
      requireCompiler: () =>
        ensureSystemPackages({
          find: () => compilerNeeds(signal),
          forWhat: 'Compiling better-sqlite3',
          isRoot,
          signal,
          say,
        }),
      signal,
      say,
    })
  }
  say(describeRuntime(runtime))
  return { executable: runtime.executable, args, env }
}

async function needsOwnAddon(runtime: ElectronRuntime, signal: AbortSignal): Promise<boolean> {
  switch (runtime.source) {
    case 'installed':
      return false
    case 'fallback':
      return true
    case 'override': {
      const version = await nodeApiVersion(runtime.executable, signal)
      return version !== null && version < SQLITE_NODE_API
    }
    default:
      return unreachable(runtime)
  }
}

function unreachable(runtime: never): never {
  throw new Error(`unknown source of Electron: ${JSON.stringify(runtime)}`)
}
