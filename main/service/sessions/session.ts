import type { PlanStep } from '#contract/database.ts'
import type { OpenTransaction } from '#contract/statement.ts'
import { failureOf } from '#kit/request-failed.ts'
import type { Host } from '../queries/fork-host.ts'
import type { Lease, LeaseRequest } from '../queries/host-pool.ts'

/** One connection that its owner holds, and what is open on it. */
export interface Session {
  readonly host: Host
  /** Lends the connection for one run, in the order of asking. @throws the signal's reason. */
  lease(request: Pick<LeaseRequest, 'signal' | 'onWaiting'>): Promise<Lease>
  /** How the engine would run a statement on it, after the runs that were asked for before. @throws RequestFailed. */
  explain(sql: string, signal: AbortSignal): Promise<{ steps: PlanStep[] }>
  /** What is open, after the runs that were asked for before. @throws RequestFailed `host-lost`. */
  transaction(): Promise<OpenTransaction | null>
}

/** Starts without a transaction. */
export function openSession(host: Host): Session {
  let open: OpenTransaction | null = null
  let last: Promise<unknown> = Promise.resolve()
  /** Runs that have the connection or wait for it. */
  let runs = 0

  /** Asks the connection what is open. @param more runs since it was asked. */
  async function look(more: number): Promise<void> {
    const { transaction } = await host.client.call('transaction', {})
    open =
      transaction === 'none'
        ? null
        : {
            since: open?.since ?? Date.now(),
            statements: (open?.statements ?? 0) + more,
            failed: transaction === 'failed',
          }
  }

  /** Waits until those who came before have had the connection. @returns what gives it to the next one. @throws the signal's reason. */
  async function takeTurn({
    signal,
    onWaiting,
  }: Pick<LeaseRequest, 'signal' | 'onWaiting'>): Promise<() => void> {
    const before = last
    const turn = Promise.withResolvers<undefined>()
    last = before.then(() => turn.promise)
    void last.then(() => (runs -= 1))
    if (runs > 0) onWaiting?.({ kind: 'hosts-busy', limit: 1 })
    runs += 1
    const leave = (): void => turn.resolve(undefined)
    try {
      await unlessAborted(before, signal)
    } catch (error) {
      leave()
      throw error
    }
    return leave
  }

  return {
    host,
    async explain(sql, signal) {
      const leave = await takeTurn({ signal })
      try {
        return await host.client.call('explain', { sql }, { signal })
      } finally {
        leave()
      }
    },
    async lease(request) {
      const leave = await takeTurn(request)
      return {
        pid: host.pid,
        client: host.client,
        politeMs: host.politeMs,
        guardMemory: host.guardMemory,
        interrupt: host.interrupt,
        kill: host.kill,
        release() {
          // Where its process has ended, whoever holds the session is told by that.
          const looked = look(1).catch(async (error: unknown) => {
            // A server's connection may end without its process.
            if (failureOf(error).code === 'host-lost' && !host.gone) await host.kill()
          })
          void looked.finally(leave)
        },
      }
    },
    async transaction() {
      await last
      await look(0)
      return open
    },
  }
}

/** Waits for something, unless the signal is aborted. */
async function unlessAborted(wanted: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => aborted.reject(signal?.reason as Error)
  if (signal?.aborted) onAbort()
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    await Promise.race([wanted, aborted.promise])
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}
