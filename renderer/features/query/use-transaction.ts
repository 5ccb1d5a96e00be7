import { shallowRef, type ShallowRef } from 'vue'
import { t } from '../../messages/words.ts'
import { guardTabWhile } from '../../tabs/guard-while.ts'
import { ask } from '../../ui/question.ts'
import type { OwnConnection } from './use-own-connection.ts'

/** Ending the transaction of a tab, which asks before it leaves one open. */
export interface TransactionUse {
  /** It is being ended now. */
  readonly ending: Readonly<ShallowRef<boolean>>
  /** @returns whether it has ended. */
  end(how: 'COMMIT' | 'ROLLBACK'): Promise<boolean>
}

export interface TransactionParts {
  readonly tabId: () => number
  readonly own: OwnConnection
  /** What the database is called. */
  readonly name: () => string
  /** Called when a transaction has ended: what it has changed is there for others now. */
  readonly onEnd: () => void
}

/** Guards the tab for as long as a transaction is open in it. */
export function useTransaction({ tabId, own, name, onEnd }: TransactionParts): TransactionUse {
  const { transaction } = own
  const ending = shallowRef(false)

  async function end(how: 'COMMIT' | 'ROLLBACK'): Promise<boolean> {
    if (ending.value) return false
    ending.value = true
    try {
      const hasEnded = await own.end(how)
      if (hasEnded) onEnd()
      return hasEnded
    } finally {
      ending.value = false
    }
  }

  /** Asks what is to become of an open transaction before the tab goes. */
  async function mayLeave(): Promise<boolean> {
    const open = transaction.value
    if (!open) return true
    const commit = { id: 'commit', label: t('session.commit'), look: 'primary' } as const
    const choice = await ask({
      title: t('session.leaveTitle'),
      message: t(open.failed ? 'session.leaveFailed' : 'session.leaveHint', { name: name() }),
      choices: [
        ...(open.failed ? [] : [commit]),
        { id: 'roll-back', label: t('session.rollBack'), look: 'danger' } as const,
        { id: 'stay', label: t('session.stay'), look: 'plain' } as const,
      ],
    })
    switch (choice) {
      case 'commit':
        return end('COMMIT')
      case 'roll-back':
        return end('ROLLBACK')
      case 'stay':
        return false
      default:
        return choice satisfies never
    }
  }

  guardTabWhile(tabId, () => transaction.value !== null, mayLeave)

  return { ending, end }
}
