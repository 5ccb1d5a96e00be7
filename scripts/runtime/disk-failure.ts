import { SetupFailure } from './setup-failure.ts'

const NO_SPACE = new Set(['ENOSPC', 'EDQUOT'])
const NOT_WRITABLE = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'])

/** The numbers of the codes above on Linux; the zip library reports a failed write by number alone. */
const CODE_OF_NUMBER = new Map([
  [1, 'EPERM'],
  [13, 'EACCES'],
  [20, 'ENOTDIR'],
  [28, 'ENOSPC'],
  [30, 'EROFS'],
  [122, 'EDQUOT'],
])

/**
 * Turns an error of a write below `folder` into the failure a person can act on.
 *
 * @param error what was thrown: a SetupFailure is returned as it is
 * @param folder the folder that was written to, for the message
 * @returns a failure with code `disk-full` or `not-writable`, or null when the error is about neither
 */
export function diskFailure(error: unknown, folder: string): SetupFailure | null {
  if (error instanceof SetupFailure) return error
  const code = errorCode(error)
  if (NO_SPACE.has(code)) return diskFull(folder, error)
  return NOT_WRITABLE.has(code) ? notWritable(folder, code, error) : null
}

/**
 * @param folder the folder that nothing can be written to
 * @param code what the system said, such as "EROFS"
 */
export function notWritable(folder: string, code: string, cause?: unknown): SetupFailure {
  return new SetupFailure(
    'not-writable',
    `Nothing can be written to ${folder} (${code}). Make that folder writable for this user, or name another one ` +
      'with XDG_CACHE_HOME, and run the same command again.',
    { cause },
  )
}

/** @param folder the folder on the full disk */
export function diskFull(folder: string, cause?: unknown): SetupFailure {
  return new SetupFailure(
    'disk-full',
    `The disk that holds ${folder} is full. Free some space there, or name a folder on another disk with ` +
      'XDG_CACHE_HOME, and run the same command again.',
    { cause },
  )
}

function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return ''
  const number = /\(os error (\d+)\)/.exec(error.message)?.[1]
  if (number !== undefined) return CODE_OF_NUMBER.get(Number(number)) ?? ''
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}
