import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { binding } from '../binding.ts'
import { isEngineError } from '../database-failure.ts'
import { loadLibrary } from './load.ts'

/** Where another process reaches this one while its only thread is inside a statement. */
export interface Door {
  /** The library that hears it; undefined when it cannot be loaded here. */
  readonly library: string | undefined
  /** Of a Unix socket in a folder of its own, or of a named pipe; undefined when there is none. */
  readonly path: string | undefined
  /** Removes what is left of it; the extension has done so once somebody has connected. */
  remove(): Promise<void>
}

/**
 * Opens the door of this process, and finds out whether the extension can be loaded at all.
 * @param library the extension's file.
 */
export async function openDoor(library: string): Promise<Door> {
  const place = await findPlace()
  const connection = new Database(':memory:', binding())
  try {
    loadLibrary(connection, library, place.path)
    return { library, ...place }
  } catch (error) {
    await place.remove()
    if (!isEngineError(error)) throw error
    console.error(`SQLite is used without Offloop's extension: ${error.message}`)
    return { library: undefined, path: undefined, remove: async () => undefined }
  } finally {
    connection.close()
  }
}

/**
 * In the folder for temporary files, because a socket's path may have 107 bytes at most (103 on macOS), and a profile's
 * may be longer.
 */
async function findPlace(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  if (process.platform === 'win32') {
    return { path: `\\\\.\\pipe\\offloop-${randomBytes(16).toString('hex')}`, remove: async () => undefined }
  }
  // Made with permissions for its owner alone.
  const path = join(await mkdtemp(join(tmpdir(), 'offloop-')), 'interrupt')
  return { path, remove: () => rm(dirname(path), { recursive: true, force: true }) }
}
