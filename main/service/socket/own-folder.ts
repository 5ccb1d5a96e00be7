import { chmod, lstat, mkdir } from 'node:fs/promises'
import { failed } from '#kit/request-failed.ts'

/** For its owner alone. */
const OWNER_ONLY = 0o700

/**
 * Makes a folder that only this user can enter, or checks that it is one. A link, or a folder of somebody else, could
 * lead the socket or its token into other hands.
 * @throws RequestFailed `internal` when it is a link, no folder, or another user's.
 */
export async function makeOwnFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: OWNER_ONLY })
  const found = await lstat(folder)
  if (!found.isDirectory()) {
    throw failed(
      'internal',
      `${folder} is a link or no folder, so the command line cannot use it. Remove it.`,
    )
  }
  if (process.getuid && found.uid !== process.getuid()) {
    throw failed(
      'internal',
      `${folder} belongs to another user, so the command line cannot use it. Remove it.`,
    )
  }
  if ((found.mode & 0o777) !== OWNER_ONLY) await chmod(folder, OWNER_ONLY)
}
