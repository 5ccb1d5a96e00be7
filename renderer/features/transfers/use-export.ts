import { computed, reactive, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue'
import type { Run } from '#contract/run.ts'
import { askApp } from '../../ipc/ask.ts'
import { messageOf } from '../../ipc/message-of.ts'
import { t } from '../../messages/words.ts'
import { wantedExport, type WantedExport } from '../../transfers/wanted-transfers.ts'
import { showError } from '../../ui/toasts.ts'
import { fileName, formatOf, withEnding, type ExportChoice } from './export-choice.ts'
import { startTransfer } from './start-transfer.ts'

/** An export that somebody has asked for, until it has begun. */
export interface ExportUse {
  /** Undefined while none is asked for. */
  readonly wanted: Readonly<ShallowRef<WantedExport | undefined>>
  readonly choice: ExportChoice
  /** Absolute path of the file; undefined until it is chosen. */
  readonly file: Readonly<ShallowRef<string | undefined>>
  /** Places of the columns that are left out. */
  readonly left: ShallowRef<ReadonlySet<number>>
  /** What has to be filled in first, once it was tried without; else empty. */
  readonly missing: ComputedRef<string>
  readonly starting: Readonly<ShallowRef<boolean>>
  /** @returns whether one was chosen. */
  chooseFile(): Promise<boolean>
  /** @returns its run, once it has begun. */
  start(): Promise<Run | undefined>
  cancel(): void
}

export function useExport(): ExportUse {
  const wanted = shallowRef<WantedExport>()
  const choice = reactive<ExportChoice>({
    kind: 'csv',
    header: true,
    bom: false,
    nullText: '',
    quotes: 'needed',
    table: '',
  })
  const file = shallowRef<string>()
  const left = shallowRef<ReadonlySet<number>>(new Set())
  const starting = shallowRef(false)
  const tried = shallowRef(false)

  const gap = computed(() => {
    if (choice.kind === 'sql' && choice.table.trim() === '') return t('transfer.missingTable')
    const columns = wanted.value?.columns.length ?? 0
    return columns > 0 && left.value.size === columns ? t('transfer.missingColumns') : ''
  })

  watch(wantedExport, (next) => {
    if (!next) return
    wantedExport.value = undefined
    wanted.value = next
    choice.table = next.table
    file.value = undefined
    left.value = new Set()
    tried.value = false
  })
  watch(
    () => choice.kind,
    (kind) => (file.value = file.value && withEnding(file.value, kind)),
  )

  /** The system's dialog asks before it replaces a file. */
  async function chooseFile(): Promise<boolean> {
    try {
      const name = file.value ?? fileName(wanted.value?.table ?? '', choice.kind)
      const { path } = await askApp('dialog.saveFile', { name })
      if (path !== null) file.value = path
      return path !== null
    } catch (error) {
      showError(t('transfer.chooseFailed'), messageOf(error))
      return false
    }
  }

  return {
    wanted,
    choice,
    file,
    left,
    missing: computed(() => (tried.value ? gap.value : '')),
    starting,
    chooseFile,
    async start() {
      tried.value = true
      const now = wanted.value
      if (gap.value || starting.value || !now) return undefined
      if (file.value === undefined && !(await chooseFile())) return undefined
      if (file.value === undefined) return undefined
      starting.value = true
      const columns = now.columns.flatMap((_, index) => (left.value.has(index) ? [] : [index]))
      const run = await startTransfer({
        kind: 'export',
        source: now.source,
        ...(left.value.size > 0 ? { columns } : {}),
        file: file.value,
        replace: true,
        format: formatOf(choice),
      })
      starting.value = false
      if (!run) return undefined
      now.onStarted?.()
      wanted.value = undefined
      return run
    },
    cancel: () => (wanted.value = undefined),
  }
}
