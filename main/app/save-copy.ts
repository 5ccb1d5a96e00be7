import { copyFile } from 'node:fs/promises'
import { failed } from '#kit/request-failed.ts'

/**
 * Copies a file, in no time where the file system can share its blocks.
 * @throws RequestFailed `not-found`, `disk-full`, `invalid-params`
 */
export async function saveCopy(from: string, to: string): Promise<Record<string, never>> {
  try {
    await copyFile(from, to)
    return {}
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    switch (code) {
      case 'ENOENT':
        throw failed(
          'not-found',
          `${from} could not be copied to ${to}: the one or the folder of the other is no longer there.`,
        )
      case 'ENOSPC':
      case 'EDQUOT':
        throw failed('disk-full', `There is no room for a copy at ${to}. Choose another disk, or make room.`)
      default:
        throw failed(
          'invalid-params',
          `A copy could not be written to ${to} (${String(code ?? error)}). Choose another place.`,
        )
    }
  }
}
