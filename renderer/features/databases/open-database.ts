import type { DatabaseEntry } from '#contract/database.ts'
import { failureOf } from '#kit/request-failed.ts'
import { askApp, askService } from '../../ipc/ask.ts'
import { messageOf } from '../../ipc/message-of.ts'
import { isPasswordNeeded, readSchema } from '../../ipc/schemas.ts'
import { workspace } from '../../ipc/workspace.ts'
import { t } from '../../messages/words.ts'
import { askForPassword } from '../../passwords/ask-for-password.ts'
import { showDone, showError } from '../../ui/toasts.ts'
import { forgetPassword } from './open-server.ts'

type Mode = DatabaseEntry['mode']

/** Opens a database file, or says why it cannot be opened. @param path absolute. */
export async function openDatabase(path: string, mode: Mode = 'read-only'): Promise<void> {
  try {
    await askService('database.open', { path, mode })
    void readSchema(path)
  } catch (error) {
    showError(t('databases.openFailed', { name: fileName(path) }), messageOf(error))
  }
}

/** Lets the person choose a database file with the system's dialog, and opens it. */
export async function chooseDatabase(): Promise<void> {
  try {
    const { path } = await askApp('dialog.openDatabase', {})
    if (path !== null) await openDatabase(path)
  } catch (error) {
    showError(t('databases.open'), messageOf(error))
  }
}

/** The mode that a database is not in. */
export function otherMode({ mode }: DatabaseEntry): Mode {
  return mode === 'read-only' ? 'read-write' : 'read-only'
}

/** Lets a database be changed, or no longer. */
export async function changeMode(entry: DatabaseEntry, mode: Mode): Promise<void> {
  try {
    await askService('database.open', { path: entry.path, mode })
    const words = mode === 'read-write' ? 'databases.nowReadWrite' : 'databases.nowReadOnly'
    showDone(t(words, { name: entry.name }))
  } catch (error) {
    if (isPasswordNeeded(entry.path, failureOf(error))) {
      return askForPassword(entry.path, () => void changeMode(entry, mode))
    }
    showError(t('databases.openFailed', { name: entry.name }), messageOf(error))
  }
}

/** Takes a database off the list; its file stays, and a server's password is forgotten with its last database. */
export async function forgetDatabase(entry: DatabaseEntry): Promise<void> {
  try {
    await forgetPassword(entry.path, workspace.value?.databases ?? [])
    await askService('database.forget', { path: entry.path })
  } catch (error) {
    showError(t('databases.forgetFailed', { name: entry.name }), messageOf(error))
  }
}

function fileName(path: string): string {
  return path.split(/[/\\]/u).at(-1) ?? path
}
