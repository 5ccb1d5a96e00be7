import { join } from 'node:path'
import { buildAccelerator } from '../build/build-accelerator.ts'
import { buildLauncher } from '../build/build-launcher.ts'

/** Vitest's set-up: tests run the SQLite extension and the native launcher as well, where they can be built. */
export default async function buildForUnits(): Promise<void> {
  const root = join(import.meta.dirname, '..', '..')
  const { signal } = new AbortController()
  await buildAccelerator(root, signal, (line) => console.warn(line))
  await buildLauncher(root, signal, (line) => console.warn(line))
}
