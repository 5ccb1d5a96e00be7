import { computed, onBeforeUnmount, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue'
import type { DatabaseEntry, TableInfo } from '#contract/database.ts'
import type { Run } from '#contract/run.ts'
import { importType, type ImportColumn, type ImportFormat, type ImportPreview } from '#contract/transfer.ts'
import { askApp, askService } from '../../ipc/ask.ts'
import { messageOf } from '../../ipc/message-of.ts'
import { needSchema, schemas } from '../../ipc/schemas.ts'
import { workspace } from '../../ipc/workspace.ts'
import { t } from '../../messages/words.ts'
import { fullName } from '../../sql/table-sql.ts'
import { showError } from '../../ui/toasts.ts'
import {
  columnsFor,
  importGap,
  importWork,
  tableName,
  type ImportGap,
  type ImportTarget,
} from './import-choice.ts'
import { startTransfer } from './start-transfer.ts'

/** How the rows of a file are understood, on its way or there. */
export type PreviewState =
  | { readonly kind: 'none' | 'reading' }
  | { readonly kind: 'ready'; readonly preview: ImportPreview }
  | { readonly kind: 'failed'; readonly message: string }

/** What a form for an import begins with. */
export interface ImportBeginning {
  readonly file: string | null
  readonly database: string | null
  readonly table: string | null
}

/** An import that is being described. */
export interface ImportUse {
  readonly file: Readonly<ShallowRef<string | null>>
  readonly databases: ComputedRef<readonly DatabaseEntry[]>
  /** Where the rows go. */
  readonly into: ComputedRef<DatabaseEntry | undefined>
  /** Path of the database that was chosen; null for any that takes rows. */
  readonly chosen: ShallowRef<string | null>
  readonly tables: ComputedRef<readonly TableInfo[]>
  /** Into a table that the import makes. */
  readonly isNew: ShallowRef<boolean>
  readonly newTable: ShallowRef<string>
  /** Full name of the table that is there. */
  readonly existing: ShallowRef<string>
  readonly existingTable: ComputedRef<TableInfo | undefined>
  readonly state: Readonly<ShallowRef<PreviewState>>
  readonly preview: ComputedRef<ImportPreview | undefined>
  /** As the person wants the file to be read; undefined as it looks. */
  readonly format: ShallowRef<ImportFormat | undefined>
  readonly columns: Readonly<ShallowRef<readonly ImportColumn[]>>
  /** What has to be filled in first, once it was tried without; else empty. */
  readonly missing: ComputedRef<string>
  readonly starting: Readonly<ShallowRef<boolean>>
  chooseFile(): Promise<void>
  rename(column: number, name: string): void
  retype(column: number, type: string): void
  /** @returns its run, once it has begun. */
  start(): Promise<Run | undefined>
}

export function useImport(begin: ImportBeginning): ImportUse {
  const file = shallowRef(begin.file)
  const chosen = shallowRef(begin.database)
  const format = shallowRef<ImportFormat>()
  const state = shallowRef<PreviewState>({ kind: 'none' })
  const isNew = shallowRef(begin.table === null)
  const newTable = shallowRef(begin.file === null ? '' : tableName(begin.file))
  const existing = shallowRef(begin.table ?? '')
  const columns = shallowRef<readonly ImportColumn[]>([])
  const starting = shallowRef(false)
  const tried = shallowRef(false)
  let asking: AbortController | undefined

  const databases = computed(() => workspace.value?.databases ?? [])
  /** Rows can only be added where changes are allowed. */
  const into = computed(
    () =>
      databases.value.find(({ path }) => path === chosen.value) ??
      databases.value.find(({ mode }) => mode === 'read-write'),
  )
  const tables = computed(() => {
    const known = into.value && schemas.get(into.value.path)
    return known?.kind === 'ready' ? known.schema.tables.filter(({ kind }) => kind === 'table') : []
  })
  const existingTable = computed(() => tables.value.find((each) => fullName(each) === existing.value))
  const target = computed<ImportTarget>(() =>
    isNew.value ? { kind: 'new', table: newTable.value } : { kind: 'existing', table: existingTable.value },
  )
  const preview = computed(() => (state.value.kind === 'ready' ? state.value.preview : undefined))
  const gap = computed(() => {
    if (file.value === null) return t('transfer.missingFile')
    if (!into.value) return t('query.noDatabaseChosen')
    if (into.value.mode === 'read-only') return t('transfer.readOnlyTarget', { name: into.value.name })
    if (state.value.kind === 'failed') return state.value.message
    const names = tables.value.map(({ name }) => name)
    const found = importGap(target.value, columns.value, names)
    return found ? gapWords(found, newTable.value) : ''
  })

  watch(
    () => into.value?.path,
    (path) => path !== undefined && needSchema(path),
    { immediate: true },
  )
  watch([file, () => into.value?.path, format], () => void readPreview(), { immediate: true })
  watch([preview, existingTable, isNew], () => {
    columns.value = preview.value
      ? columnsFor(preview.value, isNew.value ? undefined : existingTable.value)
      : []
  })
  onBeforeUnmount(() => asking?.abort())

  async function readPreview(): Promise<void> {
    asking?.abort()
    const path = into.value?.path
    if (file.value === null || path === undefined) return
    const { signal } = (asking = new AbortController())
    // What was shown stays until the answer is there, so that the page does not jump.
    if (state.value.kind !== 'ready') state.value = { kind: 'reading' }
    try {
      const wanted = format.value ? { format: format.value } : {}
      const asked = { database: path, file: file.value, ...wanted }
      const answer = await askService('import.preview', asked, { signal })
      if (!signal.aborted) state.value = { kind: 'ready', preview: answer }
    } catch (error) {
      if (!signal.aborted) state.value = { kind: 'failed', message: messageOf(error) }
    }
  }

  function changeColumn(index: number, change: Partial<ImportColumn>): void {
    columns.value = columns.value.map((column, at) => (at === index ? { ...column, ...change } : column))
  }

  return {
    file,
    databases,
    into,
    chosen,
    tables,
    isNew,
    newTable,
    existing,
    existingTable,
    state,
    preview,
    format,
    columns,
    missing: computed(() => (tried.value ? gap.value : '')),
    starting,
    async chooseFile() {
      try {
        const { path } = await askApp('dialog.openRows', {})
        if (path === null) return
        file.value = path
        format.value = undefined
        newTable.value = tableName(path)
      } catch (error) {
        showError(t('transfer.chooseFailed'), messageOf(error))
      }
    },
    rename: (column, name) => changeColumn(column, { name }),
    retype(column, type) {
      const parsed = importType.safeParse(type)
      if (parsed.success) changeColumn(column, { type: parsed.data })
    },
    async start() {
      tried.value = true
      if (gap.value || starting.value || !preview.value || file.value === null || !into.value)
        return undefined
      starting.value = true
      const place = { database: into.value.path, file: file.value }
      const run = await startTransfer(importWork(place, preview.value, target.value, columns.value))
      starting.value = false
      return run
    },
  }
}

function gapWords(missing: ImportGap, table: string): string {
  switch (missing) {
    case 'table':
      return t('transfer.missingTable')
    case 'column':
      return t('transfer.missingColumn')
    case 'twice':
      return t('transfer.columnTwice')
    case 'exists':
      return t('transfer.tableExists', { table })
    default:
      return missing satisfies never
  }
}
