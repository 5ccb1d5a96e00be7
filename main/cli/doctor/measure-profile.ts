import { lstat, readdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'

/** What the parts of a profile take on disk, in bytes. */
export interface ProfileSizes {
  /** Offloop's own database, with its log of changes. */
  readonly database: number
  readonly results: number
  readonly outputs: number
  readonly logs: number
  /** Free on the disk that the profile is on. */
  readonly free: number
}

/** Measures a profile; a part that is not there is 0. */
export async function measureProfile(profile: string, signal: AbortSignal): Promise<ProfileSizes> {
  const sizeOf = (...parts: string[]): Promise<number> => bytesIn(join(profile, ...parts), signal)
  return {
    database: (await sizeOf('offloop.db')) + (await sizeOf('offloop.db-wal')),
    results: await sizeOf('results'),
    outputs: await sizeOf('runs'),
    logs: await sizeOf('logs'),
    free: await freeBytes(profile),
  }
}

async function bytesIn(path: string, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted()
  const about = await lstat(path).catch(() => undefined)
  if (!about) return 0
  if (!about.isDirectory()) return about.size
  let bytes = 0
  // A run may be deleted meanwhile.
  for (const name of await readdir(path).catch(() => [])) bytes += await bytesIn(join(path, name), signal)
  return bytes
}

async function freeBytes(profile: string): Promise<number> {
  const disk = await statfs(profile).catch(() => undefined)
  return disk ? disk.bavail * disk.bsize : 0
}
