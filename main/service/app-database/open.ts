import { access, mkdir, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Database } from 'better-sqlite3'
import { systemCode } from '../platform/system-code.ts'
import { backupFolder } from './backup/kept-backups.ts'
import { makeBackup } from './backup/make-backup.ts'
import { connect, connectReadOnly } from './connect.ts'
import { damage, databaseFailure } from './damage.ts'
import type { WorkerStart } from './messages.ts'
import { migrate, readMigrations, refuseNewer, versionOf } from './migrate.ts'

/**
 * Up to this size, in bytes, a database is looked through before it is opened: 0.1 s. A larger one is looked through when
 * the first backup of this start is made, a few seconds later; a start must not take longer with every run of a history.
 */
const LOOKED_THROUGH_BYTES = 64 * 1024 ** 2

/**
 * Opens the app database, made or brought to the newest version as needed, with a backup before that. A damaged one is
 * refused and left byte for byte; it is never replaced by an empty one.
 * @throws RequestFailed `database` with a message for the person, or `disk-full`.
 */
export async function openDatabase({ file, migrations: folder }: WorkerStart): Promise<Database> {
  const migrations = await readMigrations(folder)
  try {
    await mkdir(dirname(file), { recursive: true })
    if (await exists(file)) {
      const version = await inspect(file, (db) => {
        refuseNewer(db, migrations)
        return versionOf(db)
      })
      if (version < migrations.length) await makeBackup(file, backupFolder(file), Date.now())
    } else {
      // Made under another name first: so an empty file under its own name is always damage, and never a beginning.
      const making = `${file}.making`
      for (const side of ['', '-wal', '-shm']) await rm(making + side, { force: true })
      const fresh = connect(making)
      migrate(fresh, migrations)
      fresh.close()
      await rename(making, file)
    }
    const db = connect(file)
    migrate(db, migrations)
    return db
  } catch (error) {
    throw databaseFailure(error, file)
  }
}

/** Looks at an existing database without changing a byte of it. */
async function inspect<R>(file: string, look: (db: Database) => R): Promise<R> {
  const { size } = await stat(file)
  if (size === 0) throw damage(file, 'the file is empty')
  const db = connectReadOnly(file)
  try {
    const complaint = size <= LOOKED_THROUGH_BYTES ? db.pragma('quick_check(1)', { simple: true }) : 'ok'
    if (complaint !== 'ok') throw damage(file, String(complaint))
    return look(db)
  } finally {
    db.close()
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file)
    return true
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false
    throw error
  }
}
