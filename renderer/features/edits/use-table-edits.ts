import { computed, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue'
import { engineOf, type TableInfo } from '#contract/database.ts'
import type { EditValue, EditValues } from '#contract/edits.ts'
import { messageOf } from '../../ipc/message-of.ts'
import { t } from '../../messages/words.ts'
import { isWorking, type QueryActivity } from '../../rows/query-activity.ts'
import { useQueryRun } from '../../rows/use-query-run.ts'
import type { GridRange, Place } from '../../ui/grid/grid-selection.ts'
import { formatCount } from '../../ui/format/number.ts'
import { showError } from '../../ui/toasts.ts'
import { expectedForm, writtenValue, type WrittenValue } from './edit-value.ts'
import { makeEditedSource, type EditedSource } from './edited-source.ts'
import { editabilityOf, selectForEditing, type Editability } from './edited-table.ts'
import {
  withAdded,
  withAddedCell,
  withCell,
  withoutAdded,
  withoutRows,
  withRemoved,
  type EditPlace,
  type Staged,
} from './staged.ts'
import { useStaged, type StagedUse } from './use-staged.ts'
import { wholeValue } from './whole-value.ts'

/** Rows read at most: what a person edits by hand is found by a condition, not by scrolling through all of a table. */
export const MAX_READ_ROWS = 1_000_000
/** Rows that one step changes at most: as many as are applied at a time. */
const MAX_STEP_ROWS = 10_000
/** Bytes read at most, into the result's file. */
const MAX_READ_BYTES = 1_000_000_000

/** A table that is shown and changed. */
export interface TableEdits extends Omit<StagedUse, 'stage'> {
  readonly editability: ComputedRef<Editability>
  readonly activity: Readonly<ShallowRef<QueryActivity>>
  /** What the grid draws; undefined before the first rows are asked for. */
  readonly source: ComputedRef<EditedSource | undefined>
  /** Places of rows that stood in the way of all. */
  readonly conflicts: Readonly<ShallowRef<ReadonlySet<number>>>
  /** Rows are all here, so that they can be changed. */
  readonly isRead: ComputedRef<boolean>
  /** Reads the rows that fit a condition of SQL; all, when it is empty. What is staged is forgotten. */
  read(condition: string): void
  stop(): void
  /** What is in a cell, for the editor; undefined where it cannot be edited, which the person is told. */
  beginEdit(place: Place): Promise<WrittenValue | undefined>
  change(place: Place, value: EditValue): Promise<void>
  clear(range: GridRange): Promise<void>
  remove(range: GridRange): Promise<void>
  add(): void
  leave(places: readonly EditPlace[]): void
  markConflicts(places: readonly EditPlace[]): void
}

export function useTableEdits(database: string, table: TableInfo): TableEdits {
  const engine = engineOf(database) === 'postgres' ? 'postgres' : 'sqlite'
  const { activity, rows, start, stop } = useQueryRun()
  const { staged, count, canUndo, stage, undo, forget } = useStaged()
  const conflicts = shallowRef<ReadonlySet<number>>(new Set())
  const editability = computed(() => editabilityOf(database, table))
  const source = computed(
    () =>
      rows.value &&
      makeEditedSource({
        rows: rows.value,
        table,
        staged: () => staged.value,
        conflicts: () => conflicts.value,
      }),
  )
  watch([staged, conflicts], () => source.value?.changed())

  const isRead = computed(() => activity.value.kind === 'run' && !isWorking(activity.value))

  function read(condition: string): void {
    forget()
    conflicts.value = new Set()
    const sql = selectForEditing(table, editability.value, condition)
    const budget = { rows: MAX_READ_ROWS, bytes: MAX_READ_BYTES }
    void start({ kind: 'query', database, mode: 'read-only', sql, budget })
  }

  /** A value of a row that was read; the column may be the hidden one of the rowid. */
  async function original(row: number, column: number): Promise<EditValue> {
    const run = activity.value.kind === 'run' ? activity.value.run : undefined
    if (!rows.value || !run) throw new Error(t('edits.notRead'))
    return wholeValue(rows.value, run.id, row, column)
  }

  async function keyOf(row: number): Promise<EditValues> {
    if (editability.value.kind !== 'editable') throw new Error(t('edits.whyNoKey'))
    const { key } = editability.value
    if (key.kind === 'rowid') return { [key.name]: await original(row, table.columns.length) }
    const pairs = key.columns.map(async (name): Promise<[string, EditValue]> => {
      const column = table.columns.findIndex((each) => each.name === name)
      return [name, await original(row, column)]
    })
    return Object.fromEntries(await Promise.all(pairs))
  }

  async function originalOf(row: number): Promise<EditValues> {
    const pairs = table.columns.flatMap(({ name, generated }, column) =>
      generated === undefined
        ? [original(row, column).then((value): [string, EditValue] => [name, value])]
        : [],
    )
    return Object.fromEntries(await Promise.all(pairs))
  }

  /** Makes a step out of what it takes time to find out; what was staged meanwhile is kept. */
  async function stepping(work: () => Promise<(before: Staged) => Staged>): Promise<void> {
    try {
      const step = await work()
      const next = step(staged.value)
      if (next !== staged.value) stage(next)
    } catch (error) {
      showError(t('edits.cannotEdit'), messageOf(error))
    }
  }

  function columnAt(place: Place): TableInfo['columns'][number] | undefined {
    const column = table.columns[place.column]
    if (column?.generated === undefined) return column
    showError(t('edits.cannotEdit'), t('edits.generated', { column: column.name }))
    return undefined
  }

  async function cellValue({ row, column }: Place, name: string): Promise<EditValue | undefined> {
    const added = source.value?.addedAt(row)
    if (added) return added.values.get(name)
    const edited = staged.value.rows.get(row)
    const change = edited?.kind === 'changed' ? edited.cells.get(name) : undefined
    return change ? change.after : original(row, column)
  }

  async function setCell(place: Place, value: EditValue): Promise<(before: Staged) => Staged> {
    const column = columnAt(place)
    if (!column) return (before) => before
    const { row } = place
    const added = source.value?.addedAt(row)
    if (added) return (before) => withAddedCell(before, added.id, column.name, value)
    const [key, before] = await Promise.all([keyOf(row), original(row, place.column)])
    return (present) => withCell(present, { row, key, column: column.name, before, after: value })
  }

  /** @throws Error when they are more than can be applied at a time. */
  function rowsOf({ row, rows: many }: GridRange): readonly number[] {
    if (many > MAX_STEP_ROWS) throw new Error(t('edits.tooMany', { most: formatCount(MAX_STEP_ROWS) }))
    const last = Math.min(row + many, source.value?.rowCount ?? 0)
    return Array.from({ length: Math.max(0, last - row) }, (_, index) => row + index)
  }

  return {
    editability,
    activity,
    source,
    conflicts,
    isRead,
    staged,
    count,
    canUndo,
    undo,
    forget() {
      conflicts.value = new Set()
      forget()
    },
    read,
    stop,
    async beginEdit(place) {
      const column = columnAt(place)
      if (!column) return undefined
      try {
        const value = await cellValue(place, column.name)
        const isNothing = value === undefined || value === null
        return isNothing ? { form: expectedForm(column.declaredType, engine), text: '' } : writtenValue(value)
      } catch (error) {
        showError(t('edits.cannotEdit'), messageOf(error))
        return undefined
      }
    },
    change: (place, value) => stepping(() => setCell(place, value)),
    clear: (range) =>
      stepping(async () => {
        const columns = Array.from({ length: range.columns }, (_, index) => range.column + index)
        const places = rowsOf(range).flatMap((row) => columns.map((column) => ({ row, column })))
        const steps = await Promise.all(places.map((place) => setCell(place, null)))
        return (before) => steps.reduce((present, step) => step(present), before)
      }),
    remove: (range) =>
      stepping(async () => {
        const chosen = rowsOf(range)
        const added = new Set(chosen.flatMap((row) => source.value?.addedAt(row)?.id ?? []))
        const read = chosen.filter((row) => !source.value?.addedAt(row))
        const known = await Promise.all(
          read.map(async (row) => ({ row, key: await keyOf(row), original: await originalOf(row) })),
        )
        return (before) =>
          known.reduce(
            (present, each) => withRemoved(present, each.row, each.key, each.original),
            withoutAdded(before, added),
          )
      }),
    add: () => stage(withAdded(staged.value)),
    leave(places) {
      const left = places.flatMap((place) => (place.kind === 'row' ? [place.row] : []))
      const added = places.flatMap((place) => (place.kind === 'added' ? [place.id] : []))
      stage(withoutAdded(withoutRows(staged.value, left), new Set(added)))
      conflicts.value = new Set([...conflicts.value].filter((row) => !left.includes(row)))
    },
    markConflicts(places) {
      conflicts.value = new Set(places.flatMap((place) => (place.kind === 'row' ? [place.row] : [])))
    },
  }
}
