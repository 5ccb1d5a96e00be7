import { mkdir } from 'node:fs/promises'
import { diskFailure, notWritable } from './disk-failure.ts'

/**
 * Makes a folder and those above it.
 *
 * @throws SetupFailure `disk-full` or `not-writable`
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (error) {
    // A recursive mkdir on a read-only file system ends with ENOENT instead of EROFS (seen on Node 24).
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw notWritable(folder, 'EROFS', error)
    throw diskFailure(error, folder) ?? error
  }
}
