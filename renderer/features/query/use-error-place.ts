import { computed, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue'
import { t } from '../../messages/words.ts'
import { failureIn } from '../../rows/query-activity.ts'
import type { Editor } from './mount-editor.ts'
import type { StatementRun, StatementRuns } from './use-statement-runs.ts'

/** Where in the text a statement has gone wrong. */
export interface ErrorPlace {
  /** The statement that has failed, which is the last one. */
  readonly failedRun: ComputedRef<StatementRun | undefined>
  /** What to call the place, as the text was when the error came; empty where there is none. */
  readonly words: Readonly<ShallowRef<string>>
  goTo(run: StatementRun): void
}

/** Marks the place in the editor, and goes to it where there are several statements. */
export function useErrorPlace(
  { list, total }: Pick<StatementRuns, 'list' | 'total'>,
  editor: Readonly<ShallowRef<Editor | undefined>>,
): ErrorPlace {
  const words = shallowRef('')
  const failedRun = computed(() => {
    const last = list.value.at(-1)
    return last && failureIn(last.activity.value) ? last : undefined
  })

  watch(failedRun, (failed) => {
    const position = failed && positionOf(failed)
    words.value = failed ? wordsFor(failed, position) : ''
    editor.value?.markError(position)
    if (position !== undefined && total.value > 1) editor.value?.goTo(position)
  })

  /** Undefined where that is not known. */
  function positionOf({ activity, sql, from: begin }: StatementRun): number | undefined {
    const position = failureIn(activity.value)?.details?.position
    const text = activity.value.kind === 'run' ? activity.value.run.spec.sql : sql
    const from = begin ?? editor.value?.text().indexOf(text) ?? -1
    if (from < 0) return undefined
    // Of several statements the one that failed is at least shown.
    return position === undefined && total.value === 1 ? undefined : from + (position ?? 0)
  }

  function wordsFor({ number }: StatementRun, position: number | undefined): string {
    const place = position === undefined ? undefined : editor.value?.placeOf(position)
    return [
      ...(total.value > 1 ? [t('query.statementOf', { number, total: total.value })] : []),
      ...(place ? [t('query.place', place)] : []),
    ].join(' · ')
  }

  return {
    failedRun,
    words,
    goTo(run) {
      const position = positionOf(run)
      if (position !== undefined) editor.value?.goTo(position)
    },
  }
}
