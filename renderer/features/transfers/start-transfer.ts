import type { Run } from '#contract/run.ts'
import type { ExportWork, ImportWork } from '#contract/transfer.ts'
import { service } from '../../ipc/ask.ts'
import { messageOf } from '../../ipc/message-of.ts'
import { t } from '../../messages/words.ts'
import { showError } from '../../ui/toasts.ts'

/** Starts an export or import, which then goes on by itself. @returns its run; undefined when it could not be started. */
export async function startTransfer(transfer: ExportWork | ImportWork): Promise<Run | undefined> {
  try {
    const client = await service()
    const transferring = client.stream('transfer.run', { kind: 'transfer', transfer })
    // How it ends is the run's to say.
    transferring.result.catch(() => undefined)
    const first = await transferring[Symbol.asyncIterator]().next()
    return first.done === true ? await transferring.result : first.value
  } catch (error) {
    showError(t('transfer.startFailed'), messageOf(error))
    return undefined
  }
}
