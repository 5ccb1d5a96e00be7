import { stat } from 'node:fs/promises'
import { engineOf } from '#contract/database.ts'
import { failed } from '#kit/request-failed.ts'

/** What a database takes on disk, in bytes. */
export interface DatabaseFiles {
  readonly bytes: number
  /** Of the log of changes that are not in the file yet; null without one. */
  readonly walBytes: number | null
}

/** Measures the files of a SQLite database. @throws RequestFailed `not-found`, or `invalid-params` for another engine. */
export async function measureFiles(path: string): Promise<DatabaseFiles> {
  if (engineOf(path) !== 'sqlite') {
    throw failed('invalid-params', `${path} is no file of this machine, so there is none to measure.`)
  }
  const bytes = await sizeOf(path)
  if (bytes === null) throw failed('not-found', `There is no file ${path} any more. Open the database again.`)
  return { bytes, walBytes: await sizeOf(`${path}-wal`) }
}

/** What a path is refused with by which there can be no file. */
const NO_FILE = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE'])

/** @returns null where there is no such file. */
async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (error instanceof Error && 'code' in error && NO_FILE.has(String(error.code))) return null
    throw error
  }
}
