import { computed, shallowRef, type Ref } from 'vue'
import type { Timing } from '#contract/schedule.ts'
import type { FanOut } from '#contract/template/fan-out.ts'
import type { AskedTerms } from '#contract/terms.ts'
import { runCommand } from '../../../commands/registry.ts'
import { askService } from '../../../ipc/ask.ts'
import { messageOf } from '../../../ipc/message-of.ts'
import { t, tCount } from '../../../messages/words.ts'
import { formatCount } from '../../../ui/format/number.ts'
import { showDone, showError } from '../../../ui/toasts.ts'
import { sourceOf, type FanDraft } from './fan-draft.ts'
import { useFanPreview } from './use-fan-preview.ts'

/**
 * Runs a command once for each of many.
 * @param what the command with what is the same for all; undefined while it cannot be made.
 */
export function useFanOut(draft: Readonly<Ref<FanDraft>>, what: () => Omit<FanOut, 'source'> | undefined) {
  const isMany = computed(() => draft.value.kind !== 'once')
  const fanOut = computed(() => {
    const source = sourceOf(draft.value)
    const command = source && what()
    return source && command ? { ...command, source } : undefined
  })
  const { preview, trouble } = useFanPreview(() => fanOut.value)
  const adding = shallowRef(false)

  /** Adds all of them as one batch, and shows them in the table. @returns whether they were added. */
  async function addAll(terms: AskedTerms | undefined, timing: Timing | undefined): Promise<boolean> {
    if (!fanOut.value || adding.value) return false
    if (timing) {
      showError(t('fan.noSchedule'), t('fan.noScheduleHint'))
      return false
    }
    adding.value = true
    try {
      const { runs } = await askService('fanOut.run', {
        ...fanOut.value,
        onFailure: draft.value.stopOnFailure ? 'stop' : 'go-on',
        ...(terms && { terms }),
      })
      showDone(tCount('fan.added', runs.length, formatCount(runs.length)))
      runCommand('runs.table')
      return true
    } catch (error) {
      showError(t('fan.failed'), messageOf(error))
      return false
    } finally {
      adding.value = false
    }
  }

  return { isMany, preview, trouble, adding, addAll }
}
