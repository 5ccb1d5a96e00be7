import type { StreamContext } from './serve.ts'

/**
 * Sends a value now and again whenever it has changed, until the asker leaves. Changes that come faster than the asker
 * reads are folded into one: only the latest value is ever sent.
 * @param read the value as it is now; not called more often than it is sent.
 * @param subscribe calls its argument at every change; returns what ends that.
 * @throws the signal's reason, when the asker leaves.
 */
export async function emitLatest<T>(
  { emit, signal }: StreamContext<T>,
  read: () => T,
  subscribe: (changed: () => void) => () => void,
): Promise<never> {
  let changed = true
  let wake: (() => void) | undefined
  const note = (): void => {
    changed = true
    wake?.()
  }
  const unsubscribe = subscribe(note)
  signal.addEventListener('abort', note)
  try {
    for (;;) {
      while (!changed && !signal.aborted) await new Promise<void>((resolve) => (wake = resolve))
      signal.throwIfAborted()
      changed = false
      await emit(read())
    }
  } finally {
    unsubscribe()
    signal.removeEventListener('abort', note)
  }
}
