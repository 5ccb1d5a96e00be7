import { statfs } from 'node:fs/promises'
import { failed } from '#kit/request-failed.ts'

const MEGABYTE = 1024 ** 2

/** With less room than this, or this share of a small disk, logs that grow are cut down. Bytes. */
const TIGHT_BYTES = 512 * MEGABYTE
const TIGHT_SHARE = 0.05
/** With less room than this, nothing more is begun: enough for the app database and the records of what runs. */
const FULL_BYTES = 32 * MEGABYTE
const FULL_SHARE = 0.02
/** What each growing log may keep while the disk is nearly full. */
export const TIGHT_LOG_BYTES = 16 * MEGABYTE
/** How long an answer of the system holds, in milliseconds: a disk fills at a gigabyte a second. */
const LOOK_AGAIN_MS = 250

/** Watches over the room on the disk that holds a profile, for as long as somebody asks. */
export interface DiskRoom {
  /** Whether there is so little room that logs are cut down; what was found a moment ago, and a new look is begun. */
  isTight(): boolean
  /** @throws RequestFailed `disk-full` when there is too little room to begin anything. Asks the system each time. */
  expectRoom(): Promise<void>
}

/** @param folder absolute path of a folder on the disk. */
export function watchDiskRoom(folder: string): DiskRoom {
  let tight = false
  let lookedAt = -Infinity
  let looking = false

  async function look(): Promise<{ readonly free: number; readonly full: boolean }> {
    const { bavail, bsize, blocks } = await statfs(folder)
    const free = bavail * bsize
    const size = blocks * bsize
    tight = free < Math.min(TIGHT_BYTES, size * TIGHT_SHARE)
    return { free, full: free < Math.min(FULL_BYTES, size * FULL_SHARE) }
  }

  return {
    isTight() {
      if (!looking && performance.now() - lookedAt > LOOK_AGAIN_MS) {
        looking = true
        look()
          // A disk that does not answer is no reason to cut a log.
          .catch(() => (tight = false))
          .finally(() => {
            looking = false
            lookedAt = performance.now()
          })
      }
      return tight
    },
    async expectRoom() {
      const { free, full } = await look()
      if (!full) return
      throw failed(
        'disk-full',
        `The disk that holds "${folder}" is full: ${Math.floor(free / MEGABYTE)} MB are left. Nothing was begun. Free some ` +
          'space there, and start it again; Offloop need not be restarted.',
      )
    },
  }
}
