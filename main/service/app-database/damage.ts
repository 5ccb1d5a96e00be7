import type { Failure } from '#contract/failure.ts'
import { failed, type RequestFailed } from '#kit/request-failed.ts'
import { systemCode } from '../platform/system-code.ts'
import { backupFolder } from './backup/kept-backups.ts'
import { sqliteFailure } from './sqlite-failure.ts'

const DAMAGED = 'SQLITE_CORRUPT'

/** The failure to tell when the app database is damaged. */
export function damage(file: string, complaint: string): RequestFailed {
  return failed(
    'database',
    `Offloop's own database "${file}" is damaged (${complaint.replace(/\s+/g, ' ').trim()}). It was left as it is. ` +
      `Put one of the backups in "${backupFolder(file)}" back, or begin with an empty history, in the window or by ` +
      '"offloop recover": the damaged file is kept. Your own databases are not affected.',
    { engineCode: DAMAGED },
  )
}

/** Whether a failure is of {@link damage}. */
export function isDamage({ details }: Failure): boolean {
  return details?.engineCode === DAMAGED
}

/** The failure to tell for an error on the app database, which may show that it is damaged. */
export function databaseFailure(error: unknown, file: string): RequestFailed {
  const known = sqliteFailure(error, file)
  const code = systemCode(error)
  if (code !== 'SQLITE_NOTADB' && !code.startsWith(DAMAGED)) return known
  return damage(file, error instanceof Error ? error.message : code)
}
