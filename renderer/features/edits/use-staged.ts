import { computed, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import { nothingStaged, stagedCount, type Staged } from './staged.ts'

/** Steps that can be taken back; the oldest are forgotten. */
const MAX_STEPS = 1_000

/** What is staged, and the way back. */
export interface StagedUse {
  readonly staged: Readonly<ShallowRef<Staged>>
  /** Rows that are edited. */
  readonly count: ComputedRef<number>
  readonly canUndo: ComputedRef<boolean>
  stage(next: Staged): void
  /** Takes the latest step back. */
  undo(): void
  /** Forgets everything, for good. */
  forget(): void
}

export function useStaged(): StagedUse {
  const staged = shallowRef(nothingStaged)
  const steps = shallowRef<readonly Staged[]>([])
  return {
    staged,
    count: computed(() => stagedCount(staged.value)),
    canUndo: computed(() => steps.value.length > 0),
    stage(next) {
      steps.value = [...steps.value.slice(1 - MAX_STEPS), staged.value]
      staged.value = next
    },
    undo() {
      const before = steps.value.at(-1)
      if (!before) return
      steps.value = steps.value.slice(0, -1)
      staged.value = before
    },
    forget() {
      steps.value = []
      staged.value = nothingStaged
    },
  }
}
