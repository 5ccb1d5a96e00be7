import type { ServerConnection } from './connect.ts'

/**
 * How long a server may take to confirm a cancel before its connection is ended: a cancel takes effect within 1 s. What
 * the statement was doing is undone all the same, as soon as the server notices.
 */
const CONFIRM_PATIENCE_MS = 700
/**
 * The same for a connection that lasts, with a transaction that would be lost with it: long enough for a server across the
 * world, which is asked over a new connection with TLS of its own.
 */
const LASTING_PATIENCE_MS = 5_000

/** The end of a statement before its own, by cancel or by time. */
export interface StatementStop {
  /** Aborted once the statement is to be stopped. */
  readonly signal: AbortSignal
  readonly reason: 'cancelled' | 'deadline' | undefined
  /** Call it when the statement has ended: resolves when no cancel is on its way any more that could hit the next one. */
  settled(): Promise<void>
}

/** What a statement runs on, and how long it may. */
export interface StoppableStatement {
  readonly connection: ServerConnection
  /** The connection has more to lose than this statement. */
  readonly lasts?: boolean
  readonly timeoutMs?: number | undefined
}

/** Has the server cancel what a connection is doing when the signal is aborted or the time is up. */
export function stopStatement(
  { connection, lasts = false, timeoutMs }: StoppableStatement,
  signal: AbortSignal,
): StatementStop {
  const stopping = new AbortController()
  const over = new AbortController()
  let reason: StatementStop['reason']
  let asking: Promise<void> | undefined
  let giveUp: NodeJS.Timeout | undefined

  function stop(why: 'cancelled' | 'deadline'): void {
    if (reason !== undefined) return
    reason = why
    stopping.abort()
    // A server that cannot be asked cannot confirm either: the patience below ends that.
    asking = connection.cancel(over.signal).catch(() => undefined)
    giveUp = setTimeout(() => connection.destroy(), lasts ? LASTING_PATIENCE_MS : CONFIRM_PATIENCE_MS)
  }
  const cancel = (): void => stop('cancelled')
  if (signal.aborted) cancel()
  else signal.addEventListener('abort', cancel, { once: true })
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => stop('deadline'), timeoutMs)

  return {
    signal: stopping.signal,
    get reason() {
      return reason
    },
    async settled() {
      signal.removeEventListener('abort', cancel)
      clearTimeout(timer)
      if (!asking) return
      if (!connection.alive) over.abort()
      await asking
      clearTimeout(giveUp)
    },
  }
}
