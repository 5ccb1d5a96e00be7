import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { connect, openForReading } from '../connect.ts'
import { damage } from '../damage.ts'
import { listBackups, nextBackupName, removeSurplus, type Backup } from './kept-backups.ts'

/** Pages copied between two looks at whether the thread is to end: 4 MB, a few milliseconds of a disk. */
const PAGES_PER_STEP = 1_000
/** The history is nobody else's business. */
const FOLDER_MODE = 0o700
const FILE_MODE = 0o600
/** What SQLite has of a database that it writes: the file, and what may be beside it. */
const SIDES = ['', '-journal', '-wal', '-shm']

/**
 * Copies the app database as it is at one moment, while it is used, into the folder of its backups, and looks through every
 * page and index of the copy, which says the same of the original. The file appears under its name when it is whole and on
 * disk; then the surplus ones go. Runs in a thread that may wait.
 * @param at milliseconds since 1970, for its name
 * @throws RequestFailed `database` when the database is damaged: no backup is made, and none is removed; Error of the system.
 */
export async function makeBackup(file: string, folder: string, at: number): Promise<Backup> {
  await mkdir(folder, { recursive: true, mode: FOLDER_MODE })
  const name = nextBackupName(await listBackups(folder), at)
  const making = join(folder, `${name}.making`)
  try {
    await copyPages(file, making)
    lookThrough(making, file)
    const bytes = await toDisk(making)
    await rename(making, join(folder, name))
    await removeSurplus(folder)
    return { name, at, bytes }
  } catch (error) {
    // A full disk is not to be kept full by the half of a backup.
    for (const side of SIDES) await rm(making + side, { force: true })
    throw error
  }
}

/** @throws RequestFailed `database` when the copy, and so the original, is damaged. */
function lookThrough(copied: string, file: string): void {
  const copy = connect(copied)
  try {
    // One file and nothing beside it.
    copy.pragma('journal_mode = DELETE')
    const complaint = copy.pragma('integrity_check(1)', { simple: true })
    if (complaint !== 'ok') throw damage(file, String(complaint))
  } finally {
    copy.close()
  }
}

async function copyPages(file: string, to: string): Promise<void> {
  const source = openForReading(file)
  try {
    // A copy whose source changes begins anew; within a transaction it does not change.
    source.exec('BEGIN; SELECT count(*) FROM sqlite_schema')
    await source.backup(to, { progress: () => PAGES_PER_STEP })
  } finally {
    source.close()
  }
}

/** @returns its size in bytes */
async function toDisk(path: string): Promise<number> {
  const handle = await open(path, 'r+')
  try {
    await handle.chmod(FILE_MODE)
    await handle.sync()
    return (await stat(path)).size
  } finally {
    await handle.close()
  }
}
