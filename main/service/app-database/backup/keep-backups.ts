import { stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { failureOf, RequestFailed } from '#kit/request-failed.ts'
import { isDamage } from '../damage.ts'
import { askThread } from './ask-thread.ts'
import { backupFolder, listBackups } from './kept-backups.ts'

/** How much of a history may be lost with a disk's page. In milliseconds. */
const INTERVAL_MS = 60 * 60 * 1_000
/** The first seconds of a start belong to the window. */
const FIRST_AFTER_MS = 10_000
/** What a backup must leave free for all else, in bytes. */
const ROOM_LEFT_BYTES = 256 * 1024 ** 2

export interface KeepOptions {
  readonly file: string
  /** The thread that makes them. */
  readonly entry: URL
  /** Before the first one. */
  readonly firstAfterMs?: number
  /** A backup was made. */
  readonly onMade?: () => void
  readonly onTrouble: (message: string, cause: unknown) => void
}

/**
 * Makes a backup soon and then every hour, when something has changed since the last one and there is room.
 * @returns ends that, and a backup that is being made.
 */
export function keepBackups(options: KeepOptions): () => Promise<void> {
  const { file, entry, firstAfterMs = FIRST_AFTER_MS, onMade, onTrouble } = options
  const ending = new AbortController()
  const { signal } = ending

  async function lookOnce(): Promise<void> {
    const why = await reasonAgainst(file, Date.now())
    if (why === 'no-room')
      onTrouble(
        "There is no room for a backup of Offloop's own database.",
        `"${dirname(file)}" is nearly full.`,
      )
    if (why !== undefined) return
    await askThread(entry, { kind: 'back-up', file, at: Date.now() }, signal)
    onMade?.()
  }

  async function keep(): Promise<void> {
    let pause = firstAfterMs
    for (;;) {
      const isDue = await delay(pause, true, { signal, ref: false }).catch(() => false)
      if (!isDue) return
      pause = INTERVAL_MS
      try {
        await lookOnce()
      } catch (error) {
        if (signal.aborted) return
        onTrouble("Offloop's own database could not be backed up.", failureOf(error).message)
        // What is damaged stays so, and each look takes as long as the first one.
        if (error instanceof RequestFailed && isDamage(error.failure)) return
      }
    }
  }

  const keeping = keep()
  return () => {
    ending.abort()
    return keeping
  }
}

/** Why no backup is made now; undefined when one is. @param now milliseconds since 1970 */
async function reasonAgainst(
  file: string,
  now: number,
): Promise<'young' | 'unchanged' | 'no-room' | undefined> {
  const [newest] = await listBackups(backupFolder(file))
  const [main, log] = await Promise.all([stat(file), stat(`${file}-wal`).catch(() => undefined)])
  // A clock that was set back makes none of them young.
  if (newest && Math.abs(now - newest.at) < INTERVAL_MS) return 'young'
  if (newest && Math.max(main.mtimeMs, log?.mtimeMs ?? 0) < newest.at) return 'unchanged'
  const { bavail, bsize } = await statfs(dirname(file))
  return bavail * bsize < main.size + (log?.size ?? 0) + ROOM_LEFT_BYTES ? 'no-room' : undefined
}
