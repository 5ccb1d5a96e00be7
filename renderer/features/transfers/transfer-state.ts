import { isFinal, type TransferRun } from '#contract/run.ts'
import type { TransferSpec } from '#contract/transfer.ts'
import { stateSentence } from '../../messages/run-words.ts'
import { t } from '../../messages/words.ts'

/** What a person is told of a transfer that did not come to its end: why, and what is left of it. */
export function transferTrouble(run: TransferRun): { message: string; left: string } | undefined {
  const { state, spec } = run
  if (!isFinal(state) || state.kind === 'done') return undefined
  const { transfer } = spec
  const left = leftBy(transfer)
  // Of one that was stopped there is nothing else to say, and the service says itself what is left of a lost one.
  if (state.kind === 'cancelled') return { message: '', left }
  return { message: stateSentence(run), left: state.kind === 'lost' ? '' : left }
}

function leftBy(transfer: TransferSpec['transfer']): string {
  switch (transfer.kind) {
    case 'export':
      return t('transfer.nothingWritten', { file: transfer.file })
    case 'import':
    case 'load':
      return t('transfer.nothingImported', { table: transfer.table })
    case 'feed':
      return t('transfer.notAllFed')
    default:
      return transfer satisfies never
  }
}
