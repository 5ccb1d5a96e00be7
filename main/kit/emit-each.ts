import type { StreamContext } from './serve.ts'

/**
 * Sends every value in order as it comes, until the asker leaves; those that come faster than it reads wait.
 * @param subscribe gets what takes a value; returns what ends that.
 * @throws the signal's reason, when the asker leaves.
 */
export async function emitEach<T>(
  { emit, signal }: Pick<StreamContext<T>, 'emit' | 'signal'>,
  subscribe: (take: (value: T) => void) => () => void,
): Promise<never> {
  const waiting: T[] = []
  let wake = (): void => undefined
  const onAbort = (): void => wake()
  const unsubscribe = subscribe((value) => {
    waiting.push(value)
    wake()
  })
  signal.addEventListener('abort', onAbort)
  try {
    for (;;) {
      while (waiting.length === 0 && !signal.aborted) await new Promise<void>((resolve) => (wake = resolve))
      signal.throwIfAborted()
      for (const value of waiting.splice(0)) await emit(value)
    }
  } finally {
    unsubscribe()
    signal.removeEventListener('abort', onAbort)
  }
}
