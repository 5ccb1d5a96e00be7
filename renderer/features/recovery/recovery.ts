import { shallowRef, watch } from 'vue'
import type { Failure } from '#contract/failure.ts'
import type { KeptBackup } from '#contract/recovery.ts'
import { askApp, askService } from '../../ipc/ask.ts'
import { messageOf } from '../../ipc/message-of.ts'
import { workspace, workspaceFailure } from '../../ipc/workspace.ts'
import { t } from '../../messages/words.ts'
import { formatCount } from '../../ui/format/number.ts'
import { ask } from '../../ui/question.ts'

/** Why the service answers nothing, and what can be put in the place of its database. */
export interface Refusal {
  readonly failure: Failure
  readonly damaged: boolean
  /** The newest first. */
  readonly backups: readonly KeptBackup[]
}

/** Undefined while the service does its work. */
export const refusal = shallowRef<Refusal>()

/** Looks at why the workspace could not be had, as long as the page lives. */
export function followRefusals(): void {
  watch(workspace, () => (refusal.value = undefined))
  watch(workspaceFailure, async (failure) => {
    if (failure?.code !== 'database' || refusal.value) return
    try {
      const { failure: reason, damaged, backups } = await askService('recovery.describe', {})
      refusal.value = reason === null ? undefined : { failure: reason, damaged, backups }
    } catch {
      // A service that has just ended; the next one is asked again.
    }
  })
}

/**
 * Puts a backup, or an empty database (null), in the place of the damaged one, and says what was done.
 * @returns why that was not possible.
 */
export async function replaceDatabase(backup: string | null): Promise<string | undefined> {
  try {
    const { kept, held } = await askService('recovery.replace', { backup })
    refusal.value = undefined
    void ask({
      title: t('recovery.replaced'),
      message: t('recovery.replacedMessage', { kept, held: formatCount(held) }),
      choices: [{ id: 'ok', label: t('recovery.goOn'), look: 'primary' }],
    })
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}

/** Ends Offloop; everything stays as it is. */
export const quitOffloop = (): Promise<unknown> => askApp('quit', {})
