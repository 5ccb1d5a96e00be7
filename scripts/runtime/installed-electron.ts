import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { diskFailure } from './disk-failure.ts'
import { makeFolder } from './make-folder.ts'
import type { ElectronRuntime } from './electron-runtime.ts'
import { runCommand } from '../process/run-command.ts'

/** A download that adds nothing for this long will not go on: networks that drop packets never say no. */
const STALLED_AFTER_MS = 20_000
const PROGRESS_CHECK_MS = 1_000

/** Long enough that a start does not wait for the same network again, short enough to notice a better one. */
const FAILURE_LIFE_MS = 24 * 60 * 60 * 1000

export type InstalledElectronOptions = {
  /** Absolute path of the installed npm package "electron". */
  electronPackage: string
  cache: string
  /** Whether an attempt that failed within the last day rules out another one; true where there is a fallback. */
  rememberFailure: boolean
  signal: AbortSignal
  say: (line: string) => void
  /** For tests: how long a download may stand still, in milliseconds. */
  stalledAfter?: number
}

/**
 * Finds the Electron of the npm package "electron", or lets the package's own installer fetch and verify it.
 *
 * @returns the runtime, or null when it is not there and could not be fetched
 * @throws SetupFailure when the cache folder cannot be written to
 */
export async function installedElectron(options: InstalledElectronOptions): Promise<ElectronRuntime | null> {
  const { electronPackage, cache, rememberFailure } = options
  const version = await shippedVersion(electronPackage)
  const present = await findDistribution(electronPackage, version)
  if (present !== null) return present

  const stamp = join(cache, `electron-${version}.unreachable`)
  if (rememberFailure && (await isRecent(stamp))) return null
  await makeFolder(cache)
  try {
    await fetchDistribution(options, version)
    const fetched = await findDistribution(electronPackage, version)
    if (fetched === null) await writeFile(stamp, '')
    else await rm(stamp, { force: true })
    return fetched
  } catch (error) {
    throw diskFailure(error, cache) ?? error
  }
}

/** @returns the version that package.json names, such as "45.4.1" */
export async function shippedVersion(electronPackage: string): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(electronPackage, 'package.json'), 'utf8'))
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest)
    return String(manifest.version)
  throw new Error(`${electronPackage}/package.json names no version`)
}

/** The same three conditions as in the package's own install.js, which writes path.txt last. */
async function findDistribution(electronPackage: string, version: string): Promise<ElectronRuntime | null> {
  try {
    const found = await readFile(join(electronPackage, 'dist', 'version'), 'utf8')
    const path = await readFile(join(electronPackage, 'path.txt'), 'utf8')
    const executable = join(electronPackage, 'dist', path)
    if (found.trim().replace(/^v/, '') !== version || !(await stat(executable)).isFile()) return null
    return { source: 'installed', executable, version }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

async function fetchDistribution(options: InstalledElectronOptions, version: string): Promise<void> {
  const { electronPackage, cache, signal, say, stalledAfter = STALLED_AFTER_MS } = options
  say(`Fetching Electron ${version} from its release page…`)
  const download = await mkdtemp(join(cache, '.fetch-'))
  const stalled = new AbortController()
  const watch = watchProgress([download, join(electronPackage, 'dist')], stalledAfter, stalled)
  try {
    // The installer downloads into the folder for temporary files, so that folder's growth is its progress.
    await runCommand(process.execPath, [join(electronPackage, 'install.js')], {
      signal: AbortSignal.any([signal, stalled.signal]),
      env: {
        ...process.env,
        TMPDIR: download,
        TEMP: download,
        TMP: download,
        ELECTRON_OVERRIDE_DIST_PATH: '',
      },
    })
  } catch (error) {
    // A stalled attempt has failed like any other; an abort from outside is passed on.
    if (!stalled.signal.aborted || signal.aborted) throw error
  } finally {
    clearInterval(watch)
    await rm(download, { recursive: true, force: true })
  }
}

function watchProgress(
  folders: readonly string[],
  stalledAfter: number,
  stalled: AbortController,
): NodeJS.Timeout {
  let size = -1
  let lastGrowth = performance.now()
  let checking = false
  return setInterval(() => {
    if (checking) return
    checking = true
    void totalSize(folders)
      .then((now) => {
        if (now !== size) lastGrowth = performance.now()
        size = now
        if (performance.now() - lastGrowth >= stalledAfter) stalled.abort()
      })
      .finally(() => (checking = false))
  }, PROGRESS_CHECK_MS)
}

async function totalSize(folders: readonly string[]): Promise<number> {
  let sum = 0
  for (const folder of folders) {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])) {
      // Files come and go while they are counted; a vanished one is a change of size like any other.
      const found = entry.isFile() ? await stat(join(entry.parentPath, entry.name)).catch(() => null) : null
      sum += found?.size ?? 0
    }
  }
  return sum
}

async function isRecent(stamp: string): Promise<boolean> {
  try {
    const age = Date.now() - (await stat(stamp)).mtimeMs
    return age >= 0 && age < FAILURE_LIFE_MS
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw diskFailure(error, dirname(stamp)) ?? error
  }
}
