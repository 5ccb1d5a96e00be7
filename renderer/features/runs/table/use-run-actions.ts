import { computed, shallowRef, watch, type ShallowRef } from 'vue'
import type { Run, RunId } from '#contract/run.ts'
import { messageOf } from '../../../ipc/message-of.ts'
import { t, tCount } from '../../../messages/words.ts'
import { formatCount } from '../../../ui/format/number.ts'
import { ask } from '../../../ui/question.ts'
import { showDone, showError } from '../../../ui/toasts.ts'
import { applies, perform, RUN_ACTIONS, runAsBatch, type RunAction } from './run-actions.ts'
import type { RunRows } from './run-rows.ts'

/** A selection up to this size is looked through each time it changes, so that buttons can say how many they mean. */
const COUNTED_RUNS = 200

/** What can be done with the chosen runs, and doing it. */
export interface RunActions {
  /** How many of the chosen runs an action means something for; undefined when there are too many to look through. */
  countOf(action: RunAction): number | undefined
  /** Whether it is worth offering. */
  offers(action: RunAction): boolean
  /** What a button for it says. */
  label(action: RunAction): string
  /** What it does, in a sentence. */
  hint(action: RunAction): string
  readonly busy: Readonly<ShallowRef<boolean>>
  act(action: RunAction): Promise<void>
  /** Runs the chosen commands again as a batch. @returns its runs in the order of the list. */
  batch(onFailure: 'go-on' | 'stop'): Promise<readonly Run[]>
}

export function useRunActions(rows: RunRows, chosen: () => readonly RunId[]): RunActions {
  const busy = shallowRef(false)
  const looked = shallowRef<readonly Run[]>([])
  const counts = computed(() => {
    const ids = chosen()
    if (ids.length > COUNTED_RUNS) return undefined
    const before = new Map(looked.value.map((run) => [run.id, run]))
    const runs = ids.flatMap((id) => rows.runOf(id) ?? before.get(id) ?? [])
    const of = (action: RunAction): number => runs.filter((run) => applies(action, run)).length
    return new Map(RUN_ACTIONS.map((action) => [action, of(action)]))
  })

  // A stretch that was chosen may reach beyond what is on screen.
  watch(chosen, async (ids) => {
    const unknown = ids.filter((id) => !rows.runOf(id))
    if (ids.length > COUNTED_RUNS || unknown.length === 0) return
    try {
      looked.value = await rows.read(unknown)
    } catch (error) {
      showError(t('runTable.readFailed'), messageOf(error))
    }
  })

  const countOf = (action: RunAction): number | undefined => counts.value?.get(action)

  async function act(action: RunAction): Promise<void> {
    const ids = chosen()
    if (ids.length === 0 || busy.value) return
    const count = countOf(action) ?? ids.length
    if (action === 'delete' && count > 0 && !(await isSure(count))) return
    busy.value = true
    try {
      const { done, failed, because } = await perform(action, await rows.read(ids))
      if (failed > 0)
        showError(
          tCount('runTable.notDone', failed, formatCount(failed), { what: t(TITLES[action]) }),
          because,
        )
      if (done > 0) showDone(tCount(DONE[action], done, formatCount(done)))
      else if (failed === 0) showDone(t('runTable.nothingToDo', { what: t(TITLES[action]) }))
      rows.refresh()
    } catch (error) {
      showError(t('runTable.readFailed'), messageOf(error))
    } finally {
      busy.value = false
    }
  }

  return {
    countOf,
    offers: (action) => (countOf(action) ?? chosen().length) > 0,
    label(action) {
      const count = countOf(action)
      const title = t(TITLES[action])
      return count === undefined || count === 1
        ? title
        : t('runTable.counted', { title, count: formatCount(count) })
    },
    hint: (action) => t(HINTS[action]),
    busy,
    act,
    async batch(onFailure) {
      const runs = await runAsBatch(chosen(), onFailure)
      rows.refresh()
      return runs
    },
  }
}

async function isSure(count: number): Promise<boolean> {
  const answer = await ask({
    title: tCount('runTable.deleteTitle', count, formatCount(count)),
    message: t('runTable.deleteMessage'),
    choices: [
      { id: 'delete', label: t('runTable.delete'), look: 'danger' },
      { id: 'keep', label: t('runTable.keep'), look: 'plain' },
    ],
  })
  return answer === 'delete'
}

const TITLES = {
  cancel: 'runTable.cancel',
  kill: 'runTable.kill',
  pause: 'runTable.pause',
  resume: 'runTable.resume',
  hold: 'runTable.hold',
  release: 'runTable.release',
  raise: 'runTable.raise',
  lower: 'runTable.lower',
  restart: 'runTable.restart',
  again: 'runTable.again',
  delete: 'runTable.delete',
} as const satisfies Record<RunAction, string>

const HINTS = {
  cancel: 'runTable.cancelHint',
  kill: 'runTable.killHint',
  pause: 'runTable.pauseHint',
  resume: 'runTable.resumeHint',
  hold: 'runTable.holdHint',
  release: 'runTable.releaseHint',
  raise: 'runTable.raiseHint',
  lower: 'runTable.lowerHint',
  restart: 'runTable.restartHint',
  again: 'runTable.againHint',
  delete: 'runTable.deleteHint',
} as const satisfies Record<RunAction, string>

const DONE = {
  cancel: 'runTable.cancelDone',
  kill: 'runTable.killDone',
  pause: 'runTable.pauseDone',
  resume: 'runTable.resumeDone',
  hold: 'runTable.holdDone',
  release: 'runTable.releaseDone',
  raise: 'runTable.priorityDone',
  lower: 'runTable.priorityDone',
  restart: 'runTable.restartDone',
  again: 'runTable.againDone',
  delete: 'runTable.deleteDone',
} as const satisfies Record<RunAction, string>
