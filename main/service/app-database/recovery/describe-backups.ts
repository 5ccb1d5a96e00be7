import { join } from 'node:path'
import type { KeptBackup } from '#contract/recovery.ts'
import { listBackups } from '../backup/kept-backups.ts'
import { connectReadOnly } from '../connect.ts'

/** The backups in a folder, the newest first, with what is in them. Runs in a thread that may wait. */
export async function describeBackups(folder: string): Promise<KeptBackup[]> {
  const backups = await listBackups(folder)
  return backups.map((backup) => ({ ...backup, runs: countRuns(join(folder, backup.name)) }))
}

/** @returns null when the file cannot be read. */
function countRuns(file: string): number | null {
  try {
    const db = connectReadOnly(file)
    try {
      return Number(db.prepare('SELECT count(*) FROM runs').pluck().get())
    } finally {
      db.close()
    }
  } catch {
    return null
  }
}
