import { join } from 'node:path'
import { buildAccelerator } from '../build/build-accelerator.ts'

/** Vitest's set-up: the tests of the query host run the SQLite extension as well, where it can be built. */
export default async function buildForUnits(): Promise<void> {
  const root = join(import.meta.dirname, '..', '..')
  await buildAccelerator(root, new AbortController().signal, (line) => console.warn(line))
}
