import { statfs } from 'node:fs/promises'
import { SetupFailure } from './setup-failure.ts'

const BYTES_PER_MEGABYTE = 1024 * 1024

/**
 * Less than this counts as full when a program that wrote there failed: tar tells the reason only in words, in the
 * person's language, and it writes in blocks of 10 KiB.
 */
const FULL_BELOW_BYTES = 64 * 1024

/**
 * Refuses to start what would end on a full disk.
 *
 * @param folder an existing folder on the disk in question
 * @param megabytes what will be written there at most, at the same time
 * @throws SetupFailure `disk-full`, naming both figures
 */
export async function requireSpace(folder: string, megabytes: number): Promise<void> {
  const free = Math.floor((await freeBytes(folder)) / BYTES_PER_MEGABYTE)
  if (free >= megabytes) return
  throw new SetupFailure(
    'disk-full',
    `The disk that holds ${folder} has ${free} MB free, and ${megabytes} MB are needed. Free some space there, or ` +
      'name a folder on another disk with XDG_CACHE_HOME, and run the same command again.',
  )
}

/** @param folder an existing folder on the disk in question */
export async function hasNoSpace(folder: string): Promise<boolean> {
  return (await freeBytes(folder)) < FULL_BELOW_BYTES
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
