import { link, rename, stat } from 'node:fs/promises'
import { dirname, isAbsolute } from 'node:path'
import { failed } from '#kit/request-failed.ts'

/**
 * Checks that a file may be made at a place.
 * @param replace whether one that is there already may be replaced.
 * @param from the database that is copied there, if one is: it never replaces itself, whatever its name is there.
 * @throws RequestFailed `invalid-params` with what is in the way.
 */
export async function checkPlace(to: string, replace: boolean, from?: string): Promise<void> {
  if (!isAbsolute(to) || to !== to.trim()) {
    throw failed('invalid-params', `"${to}" must be an absolute path, without white space at its ends.`)
  }
  const folder = await statOf(dirname(to))
  if (!folder?.isDirectory()) {
    throw failed('invalid-params', `There is no folder ${dirname(to)}. Choose another place for the file.`)
  }
  const present = await statOf(to)
  if (present === undefined) return
  const source = from === undefined ? undefined : await statOf(from)
  if (source !== undefined && source.ino === present.ino && source.dev === present.dev) {
    throw failed('invalid-params', `${to} is the database itself. Choose another name for the backup.`)
  }
  if (!present.isFile()) throw failed('invalid-params', `${to} is not an ordinary file. Choose another name.`)
  if (!replace) throw alreadyThere(to)
}

/** Gives a whole file its name; one that has appeared there meanwhile stays, unless it may be replaced. */
export async function placeFile(unfinished: string, to: string, replace: boolean): Promise<void> {
  if (replace) return rename(unfinished, to)
  try {
    await link(unfinished, to)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw alreadyThere(to)
    // A file system without links, as on a USB stick; that something appeared within the last moment is not found there.
    await rename(unfinished, to)
  }
}

async function statOf(path: string): Promise<Awaited<ReturnType<typeof stat>> | undefined> {
  try {
    return await stat(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
    throw failed('invalid-params', `${path} cannot be looked at (${codeOf(error)}). Choose another place.`)
  }
}

function alreadyThere(to: string): Error {
  return failed(
    'invalid-params',
    `There is a file ${to} already. Choose another name, or allow replacing it.`,
  )
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
