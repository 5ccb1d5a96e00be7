import { failed } from '#kit/request-failed.ts'
import { codeOf } from './error-code.ts'

/** Why nothing could be saved at a place. */
export function savingTrouble(error: unknown, to: string): Error {
  const code = codeOf(error)
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? failed('disk-full', `There is no room for a file at ${to}. Choose another disk, or make room.`)
    : failed(
        'invalid-params',
        `A file could not be written to ${to} (${String(code ?? error)}). Choose another place.`,
      )
}
