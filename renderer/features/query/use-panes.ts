import { computed, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import type { Pane } from './pane.ts'
import { messagesOf, type StatementMessage } from './statement-messages.ts'
import type { PlanState } from './use-plan.ts'
import type { StatementRun, StatementRuns } from './use-statement-runs.ts'

/** Which of a tab's results, its plan and its messages is shown. */
export interface Panes {
  readonly pane: ComputedRef<Pane>
  readonly messages: ComputedRef<readonly StatementMessage[]>
  /** Results that can be compared with each other. */
  readonly comparable: ComputedRef<readonly StatementRun[]>
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
  const beside = shallowRef<'plan' | 'messages' | 'compare'>()
  const kept = shallowRef<ReadonlySet<number>>(new Set())
  const messages = computed(() => messagesOf(runs.list.value))

  /** Those with rows, which can stand beside each other. */
  const comparable = computed(() =>
    runs.all.value.filter(({ rows }) => (rows.value?.columnInfo.value.length ?? 0) > 0),
  )

  return {
    messages,
    comparable,
    pane: computed<Pane>(() => {
      if (beside.value === 'plan' && plan.value) return { kind: 'plan' }
      if (beside.value === 'messages' && messages.value.length > 0) return { kind: 'messages' }
      if (beside.value === 'compare' && comparable.value.length > 1) return { kind: 'compare' }
      return { kind: 'result', key: runs.shown.value?.key ?? 0 }
    }),
    showsTabs: computed(
      () =>
        runs.total.value > 1 ||
        runs.all.value.length > runs.list.value.length ||
        plan.value !== undefined ||
        messages.value.length > 0,
    ),
    keptRuns: computed(() =>
      runs.all.value.filter(({ key }) => kept.value.has(key) || key === runs.shown.value?.key),
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
        case 'compare':
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
