import { join } from 'node:path'
import { findLibrary } from '../main/query-host/accelerator/library.ts'
import type { BenchContext } from './benchmark.ts'

/** Whether the SQLite extension is built; says so when it is not, because figures are then missing. */
export async function hasExtension({ root, say }: BenchContext): Promise<boolean> {
  if ((await findLibrary(join(root, 'out'))) !== undefined) return true
  say('The SQLite extension is not built: this is measured without it.')
  return false
}
