import { link, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join } from 'node:path'
import type { BackupProgress } from '#contract/query-host.ts'
import { failed } from '#kit/request-failed.ts'
import type { Lease } from './host-pool.ts'
import { untilStopped } from './until-stopped.ts'

export interface BackupOptions {
  /** Of a host with the database open. */
  readonly lease: Lease
  /** Absolute path of the database itself. */
  readonly from: string
  /** Absolute path of the file to make. */
  readonly to: string
  /** Whether a file that is there already may be replaced. */
  readonly replace: boolean
  readonly signal: AbortSignal
  readonly onProgress: (progress: BackupProgress) => void
}

/**
 * Copies a database into a file that appears under its name only when it is whole. What a cancel or failure leaves is
 * removed.
 * @throws RequestFailed `invalid-params` for a place where it cannot be, `database`, or the signal's reason.
 */
export async function backUp(options: BackupOptions): Promise<BackupProgress> {
  const { lease, from, to, replace, signal, onProgress } = options
  await checkPlace(from, to, replace)
  const unfinished = join(dirname(to), `.${basename(to)}.${lease.pid}-${Date.now()}.part`)
  try {
    const copied = await untilStopped(lease, signal, async () => {
      const copying = lease.client.stream('backup', { to: unfinished }, { signal })
      for await (const progress of copying) onProgress(progress)
      return copying.result
    })
    await place(unfinished, to, replace)
    return copied
  } finally {
    for (const ending of ['', '-journal', '-wal', '-shm']) await rm(`${unfinished}${ending}`, { force: true })
  }
}

async function checkPlace(from: string, to: string, replace: boolean): Promise<void> {
  if (!isAbsolute(to) || to !== to.trim()) {
    throw failed('invalid-params', `"${to}" must be an absolute path, without white space at its ends.`)
  }
  const folder = await statOf(dirname(to))
  if (!folder?.isDirectory()) {
    throw failed('invalid-params', `There is no folder ${dirname(to)}. Choose another place for the backup.`)
  }
  const present = await statOf(to)
  if (present === undefined) return
  const source = await statOf(from)
  if (source !== undefined && source.ino === present.ino && source.dev === present.dev) {
    throw failed('invalid-params', `${to} is the database itself. Choose another name for the backup.`)
  }
  if (!present.isFile()) throw failed('invalid-params', `${to} is not an ordinary file. Choose another name.`)
  if (!replace) throw alreadyThere(to)
}

async function statOf(path: string): Promise<Awaited<ReturnType<typeof stat>> | undefined> {
  try {
    return await stat(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
    throw failed('invalid-params', `${path} cannot be looked at (${codeOf(error)}). Choose another place.`)
  }
}

/** Gives a whole backup its name; a file that has appeared there meanwhile stays, unless it may be replaced. */
async function place(unfinished: string, to: string, replace: boolean): Promise<void> {
  if (replace) return rename(unfinished, to)
  try {
    await link(unfinished, to)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw alreadyThere(to)
    // A file system without links, as on a USB stick; that something appeared within the last moment is not found there.
    await rename(unfinished, to)
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
