import type { Lease } from './host-pool.ts'
import { POLITE_CANCEL_MS } from './polite-cancel.ts'

/**
 * Lets a host do something until it is done or stopped: a host that does not end it in time when the signal is aborted
 * is ended itself.
 * @throws what `work` throws; the signal's reason when its host had to be ended.
 */
export async function untilStopped<R>(
  lease: Pick<Lease, 'kill'>,
  signal: AbortSignal,
  work: () => Promise<R>,
): Promise<R> {
  let timer: NodeJS.Timeout | undefined
  let killing: Promise<void> | undefined
  const stop = (): void => {
    timer = setTimeout(() => {
      killing = lease.kill()
    }, POLITE_CANCEL_MS)
  }
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })
  try {
    return await work()
  } catch (error) {
    if (!killing) throw error
    await killing
    throw signal.reason
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
    await killing
  }
}
