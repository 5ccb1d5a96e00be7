import { setTimeout as delay } from 'node:timers/promises'
import { isLocked, isUnfinished } from './database-failure.ts'

/** How long a locked database is waited for. */
const LOCK_PATIENCE_MS = 5_000
/** How long SQLite itself waits at a time, deaf to a cancel; well under the time after which a deaf host is killed. */
export const LOCK_STEP_MS = 100
/** A breath between two tries, in which a cancel is heard. */
const LOCK_BREATH_MS = 10

/**
 * Tries something again for 5 s while another program holds a lock, or a change that was broken off is not yet put back.
 * @throws what the last try threw, or the signal's reason.
 */
export async function retryWhileLocked<R>(attempt: () => R, signal?: AbortSignal): Promise<R> {
  const start = performance.now()
  for (;;) {
    signal?.throwIfAborted()
    try {
      return attempt()
    } catch (error) {
      const passes = isLocked(error) || isUnfinished(error)
      if (!passes || performance.now() - start > LOCK_PATIENCE_MS) throw error
    }
    await delay(LOCK_BREATH_MS)
  }
}
