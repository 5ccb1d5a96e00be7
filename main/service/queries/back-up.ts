import { rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { BackupProgress } from '#contract/query-host.ts'
import { checkPlace, placeFile } from '../files/place-file.ts'
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
  await checkPlace(to, replace, from)
  const unfinished = join(dirname(to), `.${basename(to)}.${lease.pid}-${Date.now()}.part`)
  try {
    const copied = await untilStopped(lease, signal, async () => {
      const copying = lease.client.stream('backup', { to: unfinished }, { signal })
      for await (const progress of copying) onProgress(progress)
      return copying.result
    })
    await placeFile(unfinished, to, replace)
    return copied
  } finally {
    for (const ending of ['', '-journal', '-wal', '-shm']) await rm(`${unfinished}${ending}`, { force: true })
  }
}
