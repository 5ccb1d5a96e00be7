import { failed, RequestFailed } from '#kit/request-failed.ts'
import { systemCode } from '../platform/system-code.ts'

/** The failure to tell for an error on the app database `file`: what happened and what to do. */
export function sqliteFailure(error: unknown, file: string): RequestFailed {
  if (error instanceof RequestFailed) return error
  const engineCode = systemCode(error)
  const message = error instanceof Error ? error.message : String(error)
  if (engineCode === '') return failed('internal', `Offloop's own database "${file}" failed: ${message}`)
  const details = { engineCode }
  switch (engineCode) {
    case 'SQLITE_FULL':
    case 'ENOSPC':
    case 'EDQUOT':
      return failed(
        'disk-full',
        `The disk with Offloop's own database "${file}" is full: nothing was started. Free some space and try again.`,
        details,
      )
    case 'SQLITE_READONLY':
    case 'SQLITE_CANTOPEN':
    case 'SQLITE_PERM':
    case 'EACCES':
    case 'EROFS':
    case 'EPERM':
      return failed(
        'database',
        `Offloop's own database "${file}" cannot be written (${message}). Give your account the right to write there.`,
        details,
      )
    case 'SQLITE_BUSY':
      return failed(
        'database',
        `Offloop's own database "${file}" is locked by another program. Close the other program and try again.`,
        details,
      )
    default:
      return failed('database', `Offloop's own database "${file}" failed: ${message}`, details)
  }
}
