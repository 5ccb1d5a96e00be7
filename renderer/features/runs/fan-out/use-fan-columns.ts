import { shallowRef, watch } from 'vue'
import type { RunId } from '#contract/run.ts'
import { askService } from '../../../ipc/ask.ts'
import { messageOf } from '../../../ipc/message-of.ts'

/** What the rows of a query would give to a command: the parameters that its columns are, and how many rows there are. */
export interface FanColumns {
  readonly names: readonly string[]
  readonly total: number
}

/** The columns of the query that is chosen; or why there are none. */
export function useFanColumns(run: () => RunId | undefined) {
  const columns = shallowRef<FanColumns>()
  const trouble = shallowRef('')

  async function read(id: RunId): Promise<void> {
    try {
      const answer = await askService('fanOut.columns', { run: id })
      if (run() === id) columns.value = answer
    } catch (error) {
      if (run() === id) trouble.value = messageOf(error)
    }
  }

  watch(
    run,
    (id) => {
      columns.value = undefined
      trouble.value = ''
      if (id !== undefined) void read(id)
    },
    { immediate: true },
  )
  return { columns, trouble }
}
