import { computed, onBeforeUnmount, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue'
import type { EditPlan } from '#contract/edits.ts'
import type { EditTrouble, Failure } from '#contract/failure.ts'
import { failureOf } from '#kit/request-failed.ts'
import { askService } from '../../ipc/ask.ts'
import type { EditPlace, PlacedEdit } from './staged.ts'

export interface EditPlanParts {
  readonly database: () => string
  readonly table: () => string
  readonly edits: () => readonly PlacedEdit[]
  readonly onApplied: (changes: number) => void
  /** Told which edits stood in the way, after nothing was applied. */
  readonly onConflicts: (places: readonly EditPlace[]) => void
}

/** What staged edits would do, and doing it. */
export interface EditPlanUse {
  /** Undefined until it is made, and while there is nothing to do. */
  readonly plan: Readonly<ShallowRef<EditPlan | undefined>>
  /** Why it could not be made, or was not applied. */
  readonly failure: Readonly<ShallowRef<Failure | undefined>>
  /** Which edits the failure is about, by what was staged when it came. */
  readonly troubles: Readonly<ShallowRef<ReadonlyMap<number, EditTrouble>>>
  readonly conflicting: ComputedRef<readonly EditPlace[]>
  readonly isApplying: ComputedRef<boolean>
  apply(): Promise<void>
  /** Asks that what is being applied be undone instead. */
  cancel(): void
}

/** Plans anew whenever other edits are staged. */
export function useEditPlan(parts: EditPlanParts): EditPlanUse {
  const plan = shallowRef<EditPlan>()
  const failure = shallowRef<Failure>()
  const troubles = shallowRef<ReadonlyMap<number, EditTrouble>>(new Map())
  const applying = shallowRef<AbortController>()
  let planning: AbortController | undefined

  const staged = computed(() => ({
    database: parts.database(),
    table: parts.table(),
    edits: parts.edits().map(({ edit }) => edit),
  }))
  const conflicting = computed(() =>
    [...troubles.value.keys()].flatMap((at) => parts.edits()[at]?.place ?? []),
  )

  watch(staged, () => void makePlan(), { immediate: true })
  onBeforeUnmount(() => {
    planning?.abort()
    applying.value?.abort()
  })

  function takeFailure(error: unknown): void {
    failure.value = failureOf(error)
    troubles.value = new Map(failure.value.details?.edits?.map(({ edit, trouble }) => [edit, trouble]))
  }

  async function makePlan(): Promise<void> {
    planning?.abort()
    failure.value = undefined
    troubles.value = new Map()
    if (staged.value.edits.length === 0) {
      plan.value = undefined
      return
    }
    const controller = (planning = new AbortController())
    try {
      const made = await askService('edits.plan', staged.value, { signal: controller.signal })
      if (!controller.signal.aborted) plan.value = made
    } catch (error) {
      if (controller.signal.aborted) return
      plan.value = undefined
      takeFailure(error)
    }
  }

  return {
    plan,
    failure,
    troubles,
    conflicting,
    isApplying: computed(() => applying.value !== undefined),
    async apply() {
      if (applying.value || staged.value.edits.length === 0) return
      const controller = (applying.value = new AbortController())
      failure.value = undefined
      try {
        const { changes } = await askService('edits.apply', staged.value, { signal: controller.signal })
        parts.onApplied(changes)
      } catch (error) {
        takeFailure(error)
        parts.onConflicts(conflicting.value)
      } finally {
        applying.value = undefined
      }
    },
    cancel: () => applying.value?.abort(),
  }
}
