import { computed, type ComputedRef } from 'vue'
import { isFinal, type ColumnInfo, type RunId } from '#contract/run.ts'
import { t } from '../../messages/words.ts'
import { isWorking, type QueryActivity } from '../../rows/query-activity.ts'
import type { ResultRows } from '../../rows/result-rows.ts'
import { askForEachRow } from '../../rows/wanted-fan-out.ts'
import { askForExport } from '../../transfers/wanted-transfers.ts'
import { showError } from '../../ui/toasts.ts'
import { isPlain, type Look } from './look/look.ts'
import { useLook, type LookUse } from './look/use-look.ts'
import { tableIn } from './table-in.ts'

/** The rows of a statement as they are drawn: its own, or those of the look at them. */
export interface DrawnResult extends Omit<LookUse, 'apply' | 'activity' | 'rows'> {
  readonly lookActivity: LookUse['activity']
  readonly lookRows: LookUse['rows']
  readonly runId: ComputedRef<RunId | undefined>
  /** All rows of the statement, so far. */
  readonly count: ComputedRef<number>
  readonly columns: ComputedRef<readonly ColumnInfo[]>
  readonly names: ComputedRef<string[]>
  readonly isFinished: ComputedRef<boolean>
  readonly isLooking: ComputedRef<boolean>
  readonly lookIsWorking: ComputedRef<boolean>
  readonly drawnRows: ComputedRef<ResultRows | undefined>
  readonly drawnRunId: ComputedRef<RunId | undefined>
  readonly drawnCount: ComputedRef<number>
  /** Whether the rows can be looked at yet; tells the person when not. */
  mayLook(): boolean
  lookAt(look: Look): void
  /** What the rows are rows of, as far as the statement tells. */
  tableName(): string
  /** What is drawn goes into a file: all rows, or those of the look, in its order. */
  exportRows(): void
  /** Shows the form of a command that is run for each row of what is drawn. */
  runForEach(): void
}

export function useDrawnResult(
  activity: () => QueryActivity,
  rows: () => ResultRows | undefined,
): DrawnResult {
  const run = computed(() => {
    const now = activity()
    return now.kind === 'run' ? now.run : undefined
  })
  const runId = computed(() => run.value?.id)
  const count = computed(() => rows()?.count.value ?? 0)
  const columns = computed(() => rows()?.columnInfo.value ?? [])
  const names = computed(() => columns.value.map(({ name }) => name))
  const isFinished = computed(() => run.value !== undefined && isFinal(run.value.state))

  const {
    apply,
    activity: lookActivity,
    rows: lookRows,
    ...looked
  } = useLook(() =>
    isFinished.value && runId.value !== undefined && columns.value.length > 0
      ? { runId: runId.value, columns: columns.value }
      : undefined,
  )
  const { look, shown } = looked
  const isLooking = computed(() => !isPlain(look.value))
  const lookIsWorking = computed(() => isLooking.value && isWorking(lookActivity.value))
  const drawnRows = computed(() => shown.value?.derivation.rows ?? rows())
  const drawnRunId = computed(() => (shown.value ? shown.value.derivation.runId.value : runId.value))
  const drawnCount = computed(() => drawnRows.value?.count.value ?? 0)

  function mayLook(): boolean {
    if (!isFinished.value) showError(t('look.notYet'), t('look.notYetHint'))
    return isFinished.value
  }

  const tableName = (): string => (run.value && tableIn(run.value.spec.sql)) ?? 'result'

  return {
    ...looked,
    lookActivity,
    lookRows,
    runId,
    count,
    columns,
    names,
    isFinished,
    isLooking,
    lookIsWorking,
    drawnRows,
    drawnRunId,
    drawnCount,
    mayLook,
    lookAt(next) {
      if (mayLook()) apply(next)
    },
    tableName,
    exportRows() {
      if (!isFinished.value) return showError(t('transfer.notYet'), t('look.notYetHint'))
      if (lookIsWorking.value) return showError(t('transfer.notYet'), t('transfer.lookIsWorking'))
      const exported = shown.value
      if (drawnRunId.value === undefined) return
      askForExport({
        source: { kind: 'result', run: drawnRunId.value },
        columns: names.value,
        rows: drawnCount.value,
        table: tableName(),
        onStarted: () => exported?.derivation.keep(),
      })
    },
    runForEach() {
      if (!isFinished.value) return showError(t('fan.notYet'), t('look.notYetHint'))
      if (lookIsWorking.value) return showError(t('fan.notYet'), t('transfer.lookIsWorking'))
      if (drawnRunId.value === undefined) return
      shown.value?.derivation.keep()
      askForEachRow(drawnRunId.value)
    },
  }
}
