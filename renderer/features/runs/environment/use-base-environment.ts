import { onMounted, shallowRef } from 'vue'
import type { RunId } from '#contract/run.ts'
import type { KeptWhere } from '#contract/supervision.ts'
import { askService } from '../../../ipc/ask.ts'
import { messageOf } from '../../../ipc/message-of.ts'
import type { BaseEnvironment } from './variable-rows.ts'

/**
 * The environment that a command gets unless it is changed, and where its secrets would be kept.
 * @param run that has one already; a new command gets Offloop's own.
 */
export function useBaseEnvironment(run: RunId | undefined) {
  const base = shallowRef<BaseEnvironment>({})
  /** Its asker has given it; of that one the names alone are known. */
  const isAskers = shallowRef(false)
  const kept = shallowRef<KeptWhere>()
  const trouble = shallowRef('')

  onMounted(async () => {
    try {
      const [{ variables, of }, where] = await Promise.all([
        askService('environment.list', run === undefined ? {} : { run }),
        askService('secrets.where', {}),
      ])
      base.value = variables
      isAskers.value = of === 'asker'
      kept.value = where.kept
    } catch (error) {
      trouble.value = messageOf(error)
    }
  })

  return { base, isAskers, kept, trouble }
}
