import { constants, copyFile, link, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Replaced } from '#contract/recovery.ts'
import { failed } from '#kit/request-failed.ts'
import { systemCode } from '../../platform/system-code.ts'
import { backupFolder, listBackups } from '../backup/kept-backups.ts'
import type { Replacement } from '../backup/messages.ts'
import { connect } from '../connect.ts'
import { damage } from '../damage.ts'
import { migrate, readMigrations } from '../migrate.ts'
import { settle } from './settle.ts'

/** What SQLite has beside a database that it writes. */
const SIDES = ['-wal', '-shm']

/**
 * Puts a backup, or an empty database, in the place of a damaged app database. The damaged one is kept under another name,
 * with its log of writes. At no moment is there none under its own name: that would be taken for a beginning. Runs in a
 * thread that may wait.
 * @throws RequestFailed `not-found` when there is no such backup, `database` when that is damaged too; Error of the system.
 */
export async function replaceDatabase({ file, backup, migrations, at }: Replacement): Promise<Replaced> {
  const making = `${file}.recovering`
  try {
    await clear(making)
    if (backup !== null) await copyBackup(file, backup, making)
    const settled = await prepare(making, dirname(file), await readMigrations(migrations))
    const kept = `${file}.damaged-${new Date(at).toISOString().replace(/[-:]|\.\d+/g, '')}`
    await keep(file, kept)
    await rename(making, file)
    await toDisk(dirname(file))
    return { kept, ...settled }
  } catch (error) {
    await clear(making)
    throw error
  }
}

async function copyBackup(file: string, backup: string, making: string): Promise<void> {
  const folder = backupFolder(file)
  const known = (await listBackups(folder)).some(({ name }) => name === backup)
  if (!known) throw failed('not-found', `There is no backup "${backup}" in "${folder}". Choose another one.`)
  await copyFile(join(folder, backup), making)
}

/** Brings the new database to the newest version, and to what the disk says of it. */
async function prepare(making: string, profile: string, migrations: Parameters<typeof migrate>[1]) {
  const db = connect(making)
  try {
    const complaint = db.pragma('integrity_check(1)', { simple: true })
    if (complaint !== 'ok') throw damage(making, String(complaint))
    migrate(db, migrations)
    const settled = await settle(db, profile)
    // One file and nothing beside it.
    db.pragma('journal_mode = DELETE')
    return settled
  } finally {
    db.close()
  }
}

/** Gives the damaged file a second name, and its log another one: the log is not to be taken for the new database's. */
async function keep(file: string, kept: string): Promise<void> {
  try {
    await link(file, kept)
  } catch (error) {
    if (systemCode(error) === 'EEXIST') throw error
    // A file system without such names.
    await copyFile(file, kept, constants.COPYFILE_EXCL)
  }
  for (const side of SIDES) {
    await rename(file + side, kept + side).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOENT') throw error
    })
  }
}

async function clear(making: string): Promise<void> {
  for (const side of ['', '-journal', ...SIDES]) await rm(making + side, { force: true })
}

/** Makes new names last. Windows keeps no folder open for that, and needs it not. */
async function toDisk(folder: string): Promise<void> {
  const handle = await open(folder).catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}
