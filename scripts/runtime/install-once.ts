import { mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { diskFailure } from './disk-failure.ts'
import { makeFolder } from './make-folder.ts'

const MANIFEST = 'manifest.json'
const DRAFT_PREFIX = '.draft-'

/** A draft that is older was left by a killed process; the longest build seen took four minutes. */
const DRAFT_LIFE_MS = 24 * 60 * 60 * 1000

/** Path below the folder to size in bytes. */
type Manifest = Record<string, number>

/**
 * Makes sure that `folder` holds what `build` makes, building it only once for all processes and all later runs.
 *
 * The build happens in a draft folder beside it that is renamed when complete, so the folder is there whole or not at
 * all, after any interruption. Two processes that build at the same time both finish, and the first rename wins:
 * twice the work in a rare case, and no lock that a killed process could leave behind.
 *
 * @param folder absolute path; its name must change whenever the recipe does
 * @param build fills the draft folder whose absolute path it is given
 * @throws SetupFailure `disk-full` or `not-writable`, and whatever `build` throws
 */
export async function installOnce(folder: string, build: (draft: string) => Promise<void>): Promise<void> {
  if (await isWhole(folder)) return
  const shelf = dirname(folder)
  await makeFolder(shelf)
  try {
    await removeOldDrafts(shelf)
    const draft = await mkdtemp(join(shelf, DRAFT_PREFIX))
    try {
      await build(draft)
      await writeFile(join(draft, MANIFEST), JSON.stringify(await listFiles(draft)))
      await publish(draft, folder)
    } finally {
      await rm(draft, { recursive: true, force: true })
    }
  } catch (error) {
    throw diskFailure(error, shelf) ?? error
  }
}

/**
 * Says whether every file that was there when the folder was published is still there in its full size. About 3 ms for
 * 80 files; contents are not read again.
 */
export async function isWhole(folder: string): Promise<boolean> {
  const manifest = await readManifest(join(folder, MANIFEST))
  if (manifest === null) return false
  const checks = Object.entries(manifest).map(async ([path, size]) => {
    const found = await stat(join(folder, path)).catch(absent)
    return found?.size === size
  })
  return (await Promise.all(checks)).every(Boolean)
}

async function publish(draft: string, folder: string): Promise<void> {
  try {
    await rename(draft, folder)
  } catch (error) {
    if (!isNotEmpty(error)) throw error
    // Another process was first, unless what is there is damaged.
    if (await isWhole(folder)) return
    await rm(folder, { recursive: true, force: true })
    await rename(draft, folder)
  }
}

async function removeOldDrafts(shelf: string): Promise<void> {
  for (const name of await readdir(shelf)) {
    if (!name.startsWith(DRAFT_PREFIX)) continue
    const path = join(shelf, name)
    const found = await stat(path).catch(absent)
    if (found !== null && Date.now() - found.mtimeMs > DRAFT_LIFE_MS) {
      await rm(path, { recursive: true, force: true })
    }
  }
}

async function listFiles(folder: string): Promise<Manifest> {
  const manifest: Manifest = {}
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    manifest[relative(folder, path)] = (await stat(path)).size
  }
  return manifest
}

async function readManifest(file: string): Promise<Manifest | null> {
  const content = await readFile(file, 'utf8').catch(absent)
  if (content === null) return null
  try {
    const parsed: unknown = JSON.parse(content)
    return isManifest(parsed) ? parsed : null
  } catch {
    // Cut off by a crash of the machine: the folder counts as damaged.
    return null
  }
}

function isManifest(value: unknown): value is Manifest {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((size) => typeof size === 'number')
  )
}

/** Turns "there is no such file" into null and passes every other error on. */
function absent(error: unknown): null {
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
    return null
  throw error
}

function isNotEmpty(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'EEXIST')
}
