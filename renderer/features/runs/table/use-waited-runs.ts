import { nextTick, shallowRef, type ShallowRef } from 'vue'
import type { Run, RunId } from '#contract/run.ts'
import { messageOf } from '../../../ipc/message-of.ts'
import { t, tCount } from '../../../messages/words.ts'
import { formatCount } from '../../../ui/format/number.ts'
import { ask } from '../../../ui/question.ts'
import { showError } from '../../../ui/toasts.ts'
import type { RunRows } from './run-rows.ts'
import type { RunActions } from './use-run-actions.ts'

/** More than that in a wait are several waits. */
const MAX_WAITED = 10_000

/** The set of runs that is waited for. */
export interface WaitedRuns {
  /** Undefined while nothing is waited for. */
  readonly waited: ShallowRef<readonly Run[] | undefined>
  waitForChosen(): Promise<void>
  /** Runs what is chosen again as a batch, once the person has said how, and waits for that. */
  makeBatch(): Promise<void>
}

export function useWaitedRuns(
  rows: RunRows,
  chosen: () => readonly RunId[],
  actions: RunActions,
): WaitedRuns {
  const waited = shallowRef<readonly Run[]>()

  /** Another set is another wait: the panel of the one before begins anew. */
  async function waitFor(runs: readonly Run[]): Promise<void> {
    waited.value = undefined
    await nextTick()
    waited.value = runs
  }

  return {
    waited,
    async waitForChosen() {
      try {
        await waitFor(await rows.read(chosen().slice(0, MAX_WAITED)))
      } catch (error) {
        showError(t('runTable.readFailed'), messageOf(error))
      }
    },
    async makeBatch() {
      const count = chosen().length
      const answer = await ask({
        title: tCount('runTable.batchTitle', count, formatCount(count)),
        message: t('runTable.batchMessage'),
        choices: [
          { id: 'go-on', label: t('runTable.batchGoOn'), look: 'primary' },
          { id: 'stop', label: t('runTable.batchStop'), look: 'plain' },
          { id: 'no', label: t('runTable.batchNo'), look: 'plain' },
        ],
      })
      if (answer === 'no') return
      try {
        await waitFor(await actions.batch(answer))
      } catch (error) {
        showError(t('runs.startFailed'), messageOf(error))
      }
    },
  }
}
