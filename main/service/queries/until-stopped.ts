import { randomBytes } from 'node:crypto'
import type { CancelHow } from '#contract/run.ts'
import { failureOf, RequestFailed } from '#kit/request-failed.ts'
import type { Host } from './fork-host.ts'

/** So many that no request is hit by the interrupt of another. */
const STOP_TOKEN_BYTES = 8
/** How a server confirms a cancel: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const QUERY_CANCELED = '57014'
const BYTES_PER_MEGABYTE = 1024 ** 2

/** A host, as far as stopping it goes. */
export type StoppableHost = Pick<Host, 'interrupt' | 'kill' | 'guardMemory' | 'politeMs'>

/** Work on a host was stopped because the signal was aborted; the failure is the signal's reason. */
export class Stopped extends RequestFailed {
  readonly how: CancelHow

  /** @param cause what the host itself said. */
  constructor(reason: unknown, how: CancelHow, cause?: unknown) {
    super(failureOf(reason), { cause })
    this.name = 'Stopped'
    this.how = how
  }
}

/** The process of a host held more memory than it may, and was ended. */
export class OutOfMemory extends RequestFailed {
  readonly limitBytes: number

  /** @param more a sentence about what is left. */
  constructor(limitBytes: number, more?: string) {
    const limit = Math.round(limitBytes / BYTES_PER_MEGABYTE)
    const what = `This needed more than ${limit} MB of memory, so its process was ended, and an unfinished change was rolled back. Other queries go on.`
    const advice = 'Ask for smaller values, or for fewer rows in one group.'
    super({ code: 'host-lost', message: [what, ...(more === undefined ? [] : [more]), advice].join(' ') })
    this.name = 'OutOfMemory'
    this.limitBytes = limitBytes
  }
}

/**
 * Lets a host do something until it is done or stopped. When the signal is aborted the host is interrupted, and ended
 * if it has not stopped after a while.
 * @param work takes the token by which its request is interrupted, and gives the signal to its request.
 * @throws Stopped, OutOfMemory, or what `work` throws.
 */
export async function untilStopped<R>(
  host: StoppableHost,
  signal: AbortSignal,
  work: (stopToken: string) => Promise<R>,
): Promise<R> {
  const stopToken = randomBytes(STOP_TOKEN_BYTES).toString('hex')
  let timer: NodeJS.Timeout | undefined
  let killing: Promise<void> | undefined
  const stop = (): void => {
    host.interrupt(stopToken)
    timer = setTimeout(() => {
      killing = host.kill()
    }, host.politeMs)
  }
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })
  const guard = host.guardMemory()
  try {
    return await work(stopToken)
  } catch (error) {
    if (guard.exceededBytes !== undefined) throw new OutOfMemory(guard.exceededBytes)
    if (!signal.aborted || error instanceof Stopped) throw error
    const how = killing ? 'process-ended' : isInterrupted(error) ? 'interrupted' : 'between-rows'
    throw new Stopped(signal.reason, how, error)
  } finally {
    guard.stop()
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
    await killing
  }
}

function isInterrupted(error: unknown): boolean {
  const { engineCode } = failureOf(error).details ?? {}
  return engineCode === 'SQLITE_INTERRUPT' || engineCode === QUERY_CANCELED
}
