import { computed, onScopeDispose, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue'
import type { ColumnInfo, RunId } from '#contract/run.ts'
import { stateSentence } from '../../../messages/run-words.ts'
import { t } from '../../../messages/words.ts'
import { failureIn, isWorking, type QueryActivity } from '../../../rows/query-activity.ts'
import type { ResultRows } from '../../../rows/result-rows.ts'
import { showError } from '../../../ui/toasts.ts'
import { derive, type Derivation } from './derive.ts'
import { isPlain, PLAIN_LOOK, type Look } from './look.ts'
import { lookSql } from './look-sql.ts'

/** A finished result that can be looked at. */
export interface Result {
  readonly runId: RunId
  readonly columns: readonly ColumnInfo[]
}

export interface LookUse {
  /** As the person wants it; what is drawn may still be an earlier one. */
  readonly look: Readonly<ShallowRef<Look>>
  /** What is drawn in place of the result itself; undefined while that is drawn. */
  readonly shown: Readonly<ShallowRef<ShownLook | undefined>>
  /** How the query for `look` stands; idle without one. */
  readonly activity: ComputedRef<QueryActivity>
  readonly rows: ComputedRef<ResultRows | undefined>
  /** Looks in another way; the rows drawn before stay until there is something to draw. */
  apply(look: Look): void
  /** Stops what is under way: rows that are there stay, and without any the look before is back. */
  stop(): void
}

export interface ShownLook {
  readonly look: Look
  readonly derivation: Derivation
}

/** Sorts, filters and searches a finished result, each time by a query on it whose own result is shown. */
export function useLook(result: () => Result | undefined): LookUse {
  const look = shallowRef<Look>(PLAIN_LOOK)
  const shown = shallowRef<ShownLook>()
  /** Under way, without anything to draw yet. */
  const next = shallowRef<ShownLook>()
  const latest = computed(() => (next.value ?? shown.value)?.derivation)
  const activity = computed<QueryActivity>(() => latest.value?.activity.value ?? { kind: 'idle' })

  function leave(place: ShallowRef<ShownLook | undefined>): void {
    place.value?.derivation.dispose()
    place.value = undefined
  }

  function apply(wanted: Look): void {
    const about = result()
    if (!about) return
    look.value = wanted
    leave(next)
    if (isPlain(wanted)) return leave(shown)
    const names = about.columns.map(({ name }) => name)
    next.value = { look: wanted, derivation: derive(about.runId, lookSql(wanted, names), about.columns) }
  }

  function show(ready: ShownLook): void {
    next.value = undefined
    leave(shown)
    shown.value = ready
  }

  function giveUp(): void {
    leave(next)
    look.value = shown.value?.look ?? PLAIN_LOOK
  }

  watch(
    () => {
      const derivation = next.value?.derivation
      return [derivation?.activity.value, derivation?.rows.count.value ?? 0] as const
    },
    ([how, count]) => {
      const ready = next.value
      if (!ready || !how) return
      if (count > 0) return show(ready)
      if (isWorking(how)) return
      const trouble = troubleOf(how)
      if (trouble !== undefined) showError(t('look.failed'), trouble)
      if (how.kind === 'run' && how.run.state.kind === 'done') return show(ready)
      giveUp()
    },
  )
  // Another result is looked at from the beginning.
  watch(
    () => result()?.runId,
    () => {
      look.value = PLAIN_LOOK
      leave(next)
      leave(shown)
    },
  )
  onScopeDispose(() => {
    leave(next)
    leave(shown)
  })

  return {
    look,
    shown,
    activity,
    rows: computed(() => latest.value?.rows),
    apply,
    stop: () => latest.value?.stop(),
  }
}

function troubleOf(activity: QueryActivity): string | undefined {
  const failure = failureIn(activity)
  if (failure) return failure.message
  return activity.kind === 'run' && activity.run.state.kind === 'lost'
    ? stateSentence(activity.run)
    : undefined
}
