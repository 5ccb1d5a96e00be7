import { computed, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import type { Pane } from './pane.ts'
import { messagesOf, type StatementMessage } from './statement-messages.ts'
import type { PlanState } from './use-plan.ts'
import type { StatementRun, StatementRuns } from './use-statement-runs.ts'

/** Which of a tab's results, its plan and its messages is shown. */
export interface Panes {
  readonly pane: ComputedRef<Pane>
  readonly messages: ComputedRef<readonly StatementMessage[]>
  /** There is more than one thing to choose from. */
  readonly showsTabs: ComputedRef<boolean>
  /** Results whose grids are kept, so that one finds them as one left them, and the one that is shown. */
  readonly keptRuns: ComputedRef<readonly StatementRun[]>
  /** While one statement follows the other, their results are shown in the same grid: making one takes a frame. */
  keyOf(run: StatementRun): number | 'followed'
  show(pane: Pane): void
  /** The results come to the front, and none is kept as it was: others are on their way. */
  reset(): void
}

export function usePanes(runs: StatementRuns, plan: Readonly<ShallowRef<PlanState | undefined>>): Panes {
  const beside = shallowRef<'plan' | 'messages'>()
  const kept = shallowRef<ReadonlySet<number>>(new Set())
  const messages = computed(() => messagesOf(runs.list.value))

  return {
    messages,
    pane: computed<Pane>(() => {
      if (beside.value === 'plan' && plan.value) return { kind: 'plan' }
      if (beside.value === 'messages' && messages.value.length > 0) return { kind: 'messages' }
      return { kind: 'result', key: runs.shown.value?.key ?? 0 }
    }),
    showsTabs: computed(() => runs.total.value > 1 || plan.value !== undefined || messages.value.length > 0),
    keptRuns: computed(() =>
      runs.list.value.filter(({ key }) => kept.value.has(key) || key === runs.shown.value?.key),
    ),
    keyOf: ({ key }) => (kept.value.has(key) ? key : 'followed'),
    show(next) {
      switch (next.kind) {
        case 'result':
          beside.value = undefined
          runs.show(next.key)
          kept.value = new Set([...kept.value, next.key])
          return
        case 'plan':
        case 'messages':
          beside.value = next.kind
          return
        default:
          next satisfies never
      }
    },
    reset() {
      beside.value = undefined
      kept.value = new Set()
    },
  }
}
