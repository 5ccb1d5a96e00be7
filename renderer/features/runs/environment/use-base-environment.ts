import { onMounted, shallowRef } from 'vue'
import type { KeptWhere } from '#contract/supervision.ts'
import { askService } from '../../../ipc/ask.ts'
import { messageOf } from '../../../ipc/message-of.ts'
import type { BaseEnvironment } from './variable-rows.ts'

/** The environment that commands of this window get unless it is changed, and where its secrets would be kept. */
export function useBaseEnvironment() {
  const base = shallowRef<BaseEnvironment>({})
  const kept = shallowRef<KeptWhere>()
  const trouble = shallowRef('')

  onMounted(async () => {
    try {
      const [{ variables }, where] = await Promise.all([
        askService('environment.list', {}),
        askService('secrets.where', {}),
      ])
      base.value = variables
      kept.value = where.kept
    } catch (error) {
      trouble.value = messageOf(error)
    }
  })

  return { base, kept, trouble }
}
