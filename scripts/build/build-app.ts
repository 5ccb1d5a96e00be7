import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runVisibly } from '../process/run-visibly.ts'
import { buildAccelerator } from './build-accelerator.ts'
import { buildLauncher } from './build-launcher.ts'
import { sourceHash } from './source-hash.ts'

/**
 * Bundles the app into `out/`, and builds the SQLite extension and the launcher of commands where there is a compiler.
 *
 * @param root the checkout's folder
 * @returns the exit code of electron-vite, whose messages go to the terminal
 */
export async function buildApp(root: string, signal: AbortSignal): Promise<number> {
  await forgetBuild(root)
  const built = await sourceHash(root)
  await buildAccelerator(root, signal, (line) => console.warn(line))
  await buildLauncher(root, signal, (line) => console.warn(line))
  const code = await runVisibly('electron-vite', ['build', '--logLevel', 'warn'], { cwd: root, signal })
  // A file that was saved during the build makes the hash wrong for the result, so it was taken before.
  if (code === 0) await writeFile(stampFile(root), built)
  return code
}

/**
 * Bundles the app if its sources have changed since the last time.
 *
 * @returns 0, or the exit code of electron-vite
 */
export async function ensureBuilt(root: string, signal: AbortSignal): Promise<number> {
  return (await isBuilt(root)) ? 0 : buildApp(root, signal)
}

/** To be called before something else writes to `out/`, so that the next start builds anew. */
export async function forgetBuild(root: string): Promise<void> {
  await rm(stampFile(root), { force: true })
}

/** @returns whether `out/` was built from the sources as they are now */
async function isBuilt(root: string): Promise<boolean> {
  try {
    return (await readFile(stampFile(root), 'utf8')) === (await sourceHash(root))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}

function stampFile(root: string): string {
  return join(root, 'out', 'source-hash')
}
