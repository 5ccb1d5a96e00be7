import { onScopeDispose, shallowRef, triggerRef, watch } from 'vue'
import { MAX_RUNS_PER_PAGE } from '#contract/run-list.ts'
import type { Run, RunId } from '#contract/run.ts'
import { askService } from '../../ipc/ask.ts'
import { onRunsChanged } from '../../ipc/live-runs.ts'
import { messageOf } from '../../ipc/message-of.ts'
import { t } from '../../messages/words.ts'
import { perFrame } from '../../pacing/per-frame.ts'
import { showError } from '../../ui/toasts.ts'

/** Runs by their numbers as they are now, until the surrounding scope is gone. @returns one of them, once it was read */
export function useRunsById(wanted: () => readonly RunId[]): (id: RunId) => Run | undefined {
  const known = shallowRef(new Map<RunId, Run>())
  const showChange = perFrame(() => triggerRef(known))
  let reading = false

  async function read(): Promise<void> {
    if (reading) return
    reading = true
    try {
      const asked = new Set<RunId>()
      const missing = (): RunId[] =>
        wanted()
          .filter((id) => !known.value.has(id) && !asked.has(id))
          .slice(0, MAX_RUNS_PER_PAGE)
      for (let ids = missing(); ids.length > 0; ids = missing()) {
        for (const id of ids) asked.add(id)
        const { runs } = await askService('runs.page', { ids })
        for (const run of runs) known.value.set(run.id, run)
        showChange()
      }
    } catch (error) {
      showError(t('runTable.readFailed'), messageOf(error))
    } finally {
      reading = false
    }
  }

  watch(
    wanted,
    (ids) => {
      const still = new Set(ids)
      for (const id of known.value.keys()) if (!still.has(id)) known.value.delete(id)
      void read()
    },
    { immediate: true },
  )
  onScopeDispose(
    onRunsChanged((runs) => {
      const shown = runs.filter(({ id }) => known.value.has(id))
      for (const run of shown) known.value.set(run.id, run)
      if (shown.length > 0) showChange()
    }),
  )
  return (id) => known.value.get(id)
}
