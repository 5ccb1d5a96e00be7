import { onScopeDispose, shallowRef, watch } from 'vue'
import type { CommandSpec } from '#contract/run.ts'
import type { FanOut } from '#contract/template/fan-out.ts'
import { askService } from '../../../ipc/ask.ts'
import { messageOf } from '../../../ipc/message-of.ts'

/** As many commands as say what all of them look like. */
const SHOWN = 5
/** A pause in typing, in milliseconds: each look reads the whole file or result. */
const PAUSE_MS = 400

/** What would run: how many commands in all, and the first of them. */
export interface FanPreview {
  readonly total: number
  readonly first: readonly CommandSpec[]
}

/** The first of the commands that would run for each, and how many there are; or why there are none. */
export function useFanPreview(asked: () => FanOut | undefined) {
  const preview = shallowRef<FanPreview>()
  const trouble = shallowRef('')
  let timer: ReturnType<typeof setTimeout> | undefined
  let latest: FanOut | undefined

  async function look(fan: FanOut): Promise<void> {
    try {
      const answer = await askService('fanOut.preview', { ...fan, count: SHOWN })
      if (fan === latest) preview.value = answer
    } catch (error) {
      if (fan === latest) trouble.value = messageOf(error)
    }
  }

  watch(asked, (fan) => {
    clearTimeout(timer)
    latest = fan
    preview.value = undefined
    trouble.value = ''
    if (fan) timer = setTimeout(() => void look(fan), PAUSE_MS)
  })
  onScopeDispose(() => clearTimeout(timer))
  return { preview, trouble }
}
