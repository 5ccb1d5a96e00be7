import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'
import type { QuerySpec } from '#contract/run.ts'
import type { OpenTransaction } from '#contract/statement.ts'
import { failureOf } from '#kit/request-failed.ts'
import { askService, service } from '../../ipc/ask.ts'
import { t } from '../../messages/words.ts'
import { showError } from '../../ui/toasts.ts'

type Target = Pick<QuerySpec, 'database' | 'mode'>

/** A connection that is open. */
interface Open {
  readonly session: number
  readonly target: Target
  close(): Promise<void>
}

/** How a transaction went that nobody had ended; nothing of it was kept. */
export interface LostTransaction {
  /** Null where the connection ended before it was known what its last statement had left open. */
  readonly transaction: OpenTransaction | null
  /** With its connection, or by the engine together with a statement that did not succeed. */
  readonly how: 'connection' | 'statement'
}

/** A connection of the tab's own, on which temporary tables and transactions last. */
export interface OwnConnection {
  /** Whether there is one. */
  readonly isOpen: Readonly<ShallowRef<boolean>>
  /** What is open on it, as it was after the last statement. */
  readonly transaction: Readonly<ShallowRef<OpenTransaction | null>>
  /**
   * The session for a database: the one that is there, or another one when that has no transaction open and is for
   * something else. @throws RequestFailed
   */
  need(target: Target): Promise<number>
  /** Learns what is open after a statement. @param failed the statement has failed, or was stopped. */
  look(failed: boolean): Promise<void>
  /** Ends the transaction. @returns whether it has ended. */
  end(how: 'COMMIT' | 'ROLLBACK'): Promise<boolean>
  /** The session for a database, where there is one already. */
  sessionFor(target: Target): number | undefined
  /** The transaction that went without the person having ended it, until it is dismissed. */
  readonly lost: Readonly<ShallowRef<LostTransaction | null>>
  dismissLost(): void
  /** Closes the connection; what is open is rolled back. */
  close(): Promise<void>
}

/** Starts without one; closes it with the surrounding component. */
export function useOwnConnection(): OwnConnection {
  const isOpen = shallowRef(false)
  const transaction = shallowRef<OpenTransaction | null>(null)
  const lost = shallowRef<LostTransaction | null>(null)
  let open: Open | undefined
  /** A statement was run, and it is not known yet what it has left open. */
  let isUnknown = false

  async function start(target: Target): Promise<Open> {
    const closing = new AbortController()
    const client = await service()
    const stream = client.stream('session.open', { ...target, create: false }, { signal: closing.signal })
    const first = await stream[Symbol.asyncIterator]().next()
    if (first.done === true) throw new Error(t('session.lost'))
    const over = stream.result.then(
      () => undefined,
      () => undefined,
    )
    const opened: Open = {
      session: first.value.session,
      target,
      async close() {
        closing.abort()
        await over
      },
    }
    void over.then(() => {
      if (open !== opened) return
      // A connection that nothing was left on is only opened again.
      if (transaction.value || isUnknown) {
        lost.value = { transaction: transaction.value, how: 'connection' }
      }
      forget()
    })
    return opened
  }

  function forget(): void {
    open = undefined
    isOpen.value = false
    isUnknown = false
    transaction.value = null
  }

  async function close(): Promise<void> {
    const before = open
    forget()
    await before?.close()
  }

  async function look(failed: boolean): Promise<void> {
    if (!open) return
    const before = transaction.value
    try {
      const state = await askService('session.state', { session: open.session })
      transaction.value = state.transaction
      isUnknown = false
    } catch {
      // It has ended, which its stream tells.
      return
    }
    if (before && failed && transaction.value === null) lost.value = { transaction: before, how: 'statement' }
  }

  onScopeDispose(() => void close())

  return {
    isOpen,
    transaction,
    lost,
    dismissLost: () => (lost.value = null),
    sessionFor: (target) => (open && isFor(open, target) ? open.session : undefined),
    async need(target) {
      if (!open || !(isFor(open, target) || transaction.value)) {
        await close()
        open = await start(target)
        isOpen.value = true
      }
      isUnknown = true
      return open.session
    },
    look,
    async end(how) {
      if (!open) return true
      const { session } = open
      try {
        const client = await service()
        await client.stream('session.execute', { session, sql: how }).result
      } catch (error) {
        showError(
          t(how === 'COMMIT' ? 'session.commitFailed' : 'session.rollBackFailed'),
          failureOf(error).message,
        )
      }
      await look(false)
      return transaction.value === null
    },
    close,
  }
}

function isFor({ target }: Open, { database, mode }: Target): boolean {
  return target.database === database && target.mode === mode
}
