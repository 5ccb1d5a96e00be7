import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import type { Run, RunId } from '#contract/run.ts'
import { askService } from './ask.ts'
import { onRunsChanged } from './live-runs.ts'
import { messageOf } from './message-of.ts'
import { serviceSession } from './sessions.ts'

export interface RunUse {
  readonly run: Readonly<ShallowRef<Run | undefined>>
  /** Why it is not known; undefined while all is well. */
  readonly trouble: Readonly<ShallowRef<string | undefined>>
}

/** One run as it changes, also across a restart of the service. */
export function useRun(id: RunId): RunUse {
  const run = shallowRef<Run>()
  const trouble = shallowRef<string>()

  onScopeDispose(
    onRunsChanged((runs) => {
      const changed = runs.find((each) => each.id === id)
      if (changed) run.value = changed
    }),
  )
  const read = async (): Promise<void> => {
    try {
      run.value = await askService('run.get', { id })
      trouble.value = undefined
    } catch (error) {
      trouble.value = messageOf(error)
    }
  }
  watch(serviceSession, (session) => session && void read())
  void read()
  return { run, trouble }
}
