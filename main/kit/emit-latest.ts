import { setTimeout as delay } from 'node:timers/promises'
import type { StreamContext } from './serve.ts'

/**
 * Sends a value now and again whenever it has changed, until the asker leaves. Changes that come faster than the asker
 * reads are folded into one: only the latest value is ever sent.
 * @param read the value as it is now; not called more often than it is sent.
 * @param subscribe calls its argument at every change; returns what ends that. When `read` itself calls it, there is more to
 * send at once.
 * @param everyMs the least time between two values; the first change after a longer one is sent at once.
 * @throws the signal's reason, when the asker leaves.
 */
export async function emitLatest<T>(
  { emit, signal }: StreamContext<T>,
  read: () => T,
  subscribe: (changed: () => void) => () => void,
  everyMs = 0,
): Promise<never> {
  let changed = true
  let wake: (() => void) | undefined
  const note = (): void => {
    changed = true
    wake?.()
  }
  const hasMore = (): boolean => changed
  const unsubscribe = subscribe(note)
  signal.addEventListener('abort', note)
  try {
    for (;;) {
      while (!changed && !signal.aborted) await new Promise<void>((resolve) => (wake = resolve))
      signal.throwIfAborted()
      changed = false
      const value = read()
      const isWhole = !hasMore()
      await emit(value)
      // The asker may leave meanwhile; that is looked at above.
      if (isWhole && everyMs > 0) await delay(everyMs, undefined, { signal }).catch(() => undefined)
    }
  } finally {
    unsubscribe()
    signal.removeEventListener('abort', note)
  }
}
