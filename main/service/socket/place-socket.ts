import { createHash } from 'node:crypto'
import { lstat, unlink } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { failed } from '#kit/request-failed.ts'
import { makeOwnFolder } from './own-folder.ts'

const SOCKET = 'offloop.sock'
/** `sun_path` has 108 bytes on Linux and 104 on macOS, with the zero at its end: unix(7). */
const MAX_SOCKET_PATH_BYTES = 103
/** Enough of a hash to tell the profiles of a person apart. */
const HASH_LENGTH = 16

/**
 * Settles where a profile's socket is, and clears the place: what an ended service has left there is removed.
 * @param folder the profile's folder for it, which exists; where its path is too long for a socket, a folder named by a
 * hash of it takes its place, in XDG_RUNTIME_DIR or the folder for temporary files.
 * @returns the absolute path of the socket, or the name of a pipe on Windows.
 * @throws RequestFailed `internal` when something else is in that place.
 */
export async function placeSocket(folder: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const hash = createHash('sha256').update(folder).digest('hex').slice(0, HASH_LENGTH)
  if (process.platform === 'win32') return `\\\\.\\pipe\\offloop-${userInfo().username}-${hash}`
  const near = join(folder, SOCKET)
  if (Buffer.byteLength(near) <= MAX_SOCKET_PATH_BYTES) return cleared(near)
  const short = join(environment['XDG_RUNTIME_DIR'] ?? tmpdir(), `offloop-${hash}`)
  await makeOwnFolder(short)
  return cleared(join(short, SOCKET))
}

async function cleared(path: string): Promise<string> {
  const found = await lstat(path).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  })
  if (!found) return path
  const own = !process.getuid || found.uid === process.getuid()
  if (!found.isSocket() || !own) {
    throw failed(
      'internal',
      `${path} is not a socket of this user, so the command line cannot use it. Remove it.`,
    )
  }
  // One app runs for a profile, and one service for an app: whoever listened here has ended.
  await unlink(path)
  return path
}
