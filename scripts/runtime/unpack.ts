import { extract as extractZip } from '@electron-internal/extract-zip'
import { runCommand } from '../process/run-command.ts'
import { SetupFailure } from './setup-failure.ts'
import { diskFull } from './disk-failure.ts'
import { hasNoSpace } from './free-space.ts'

/**
 * Unpacks one member of a gzipped tarball.
 *
 * @param tarball absolute path
 * @param member its name inside
 * @param folder existing folder that receives it
 * @throws SetupFailure `disk-full` or `broken-download`
 */
export async function unpackTarball(
  tarball: string,
  member: string,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const untar = await runCommand('tar', ['-xzf', tarball, '-C', folder, member], { signal })
  if (untar.code === 0) return
  if (await hasNoSpace(folder)) throw diskFull(folder)
  throw damaged(tarball, untar.stderr.trim())
}

/**
 * Unpacks a zip archive with the library that electron's own installer uses.
 *
 * @param archive absolute path
 * @param folder absolute path; made when missing
 * @throws SetupFailure `disk-full` or `broken-download`
 */
export async function unpackZip(archive: string, folder: string): Promise<void> {
  try {
    await extractZip(archive, { dir: folder })
  } catch (error) {
    if (await hasNoSpace(folder)) throw diskFull(folder, error)
    throw damaged(archive, String(error))
  }
}

function damaged(file: string, reason: string): SetupFailure {
  return new SetupFailure(
    'broken-download',
    `${file} could not be unpacked (${reason}). Nothing of it was kept; run the same command again to fetch it anew.`,
  )
}
