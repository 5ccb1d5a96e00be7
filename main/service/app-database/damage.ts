import { failed, type RequestFailed } from '#kit/request-failed.ts'
import { systemCode } from '../platform/system-code.ts'
import { backupFolder } from './backup/kept-backups.ts'
import { sqliteFailure } from './sqlite-failure.ts'

const DAMAGED = 'SQLITE_CORRUPT'

/** The failure to tell when the app database is damaged. */
export function damage(file: string, complaint: string): RequestFailed {
  return failed(
    'database',
    `Offloop's own database "${file}" is damaged (${complaint.replace(/\s+/g, ' ').trim()}). It was left as it is. Quit ` +
      'Offloop and move this file elsewhere, with the one beside it whose name ends in "-wal"; then copy the newest backup ' +
      `from "${backupFolder(file)}" to its place, or none to begin with an empty history. Your own databases are not affected.`,
    { engineCode: DAMAGED },
  )
}

/** Whether an error is of {@link damage}. */
export function isDamage(error: RequestFailed): boolean {
  return error.failure.details?.engineCode === DAMAGED
}

/** The failure to tell for an error on the app database, which may show that it is damaged. */
export function databaseFailure(error: unknown, file: string): RequestFailed {
  const known = sqliteFailure(error, file)
  const code = systemCode(error)
  if (code !== 'SQLITE_NOTADB' && !code.startsWith(DAMAGED)) return known
  return damage(file, error instanceof Error ? error.message : code)
}
