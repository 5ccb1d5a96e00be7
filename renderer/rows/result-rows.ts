import { shallowRef, type ShallowRef } from 'vue'
import { readChunk, type Cell, type Chunk } from '#contract/chunk/read.ts'
import type { RowsItem } from '#contract/query-host.ts'
import type { ColumnInfo, QueryProgress, RunId } from '#contract/run.ts'
import { askService } from '../ipc/ask.ts'
import { messageOf } from '../ipc/message-of.ts'
import { makePageCache } from '../paging/page-cache.ts'
import type { GridCell, GridColumn, GridSource } from '../ui/grid/grid-source.ts'
import { gridCell } from './chunk-cells.ts'

/** Rows fetched at once: about three screens, so that ordinary scrolling finds most of them there. */
const PAGE_ROWS = 200
/** Pages kept: 12,800 rows, a few megabytes. */
const KEPT_PAGES = 64

interface FetchedRows {
  readonly chunk: Chunk
  /** Full sizes of cells that were cut, by row and column. */
  readonly cut: ReadonlyMap<string, number>
}

interface FirstRows {
  readonly firstRow: number
  readonly chunk: Chunk
}

/** The rows of one result, wherever they come from. */
export interface ResultRows extends GridSource {
  /** A value as it was read, and whether only its beginning is here; undefined while it is not here. */
  value(row: number, column: number): { readonly cell: Cell; readonly cut: boolean } | undefined
  readonly columnInfo: Readonly<ShallowRef<readonly ColumnInfo[]>>
  /** Why rows could not be fetched; undefined while all is well. */
  readonly trouble: Readonly<ShallowRef<string | undefined>>
  /** Rows known so far, for showing; `rowCount` is the same for drawing. */
  readonly count: Readonly<ShallowRef<number>>
  /** Says which run the rows are of; nothing can be fetched before. */
  identify(id: RunId): void
  /** Takes what the query host sends by itself. */
  takeFirst(item: RowsItem): void
  /** Takes what the run says of itself. */
  takeProgress(progress: QueryProgress): void
  /** Draws again, and fetches what is missing: after the run has ended, or the service is back. */
  refresh(): void
  dispose(): void
}

/** @param shownColumns to be shown in place of the result's own, of which there are as many. */
export function makeResultRows(shownColumns?: readonly ColumnInfo[]): ResultRows {
  let runId: RunId | undefined
  const firstRows: FirstRows[] = []
  const listeners = new Set<() => void>()
  const columnInfo = shallowRef<readonly ColumnInfo[]>([])
  const trouble = shallowRef<string>()
  const count = shallowRef(0)
  let gridColumns: readonly GridColumn[] = []

  /** At once: what draws waits for the next frame by itself, and a second wait would cost a frame more. */
  function changed(): void {
    for (const listener of listeners) listener()
  }

  const pages = makePageCache<FetchedRows>({
    pageSize: PAGE_ROWS,
    capacity: KEPT_PAGES,
    async fetch(from, wanted, signal) {
      if (runId === undefined) throw new Error('Rows were asked for before their run was known.')
      const page = await askService('result.rows', { id: runId, from, count: wanted }, { signal })
      const chunk = readChunk(page.chunk)
      const cut = new Map(page.cut.map(([row, column, bytes]) => [`${row},${column}`, bytes]))
      return { count: chunk.rowCount, content: { chunk, cut } }
    },
    onPage() {
      trouble.value = undefined
      changed()
    },
    onFailure: (error) => (trouble.value = messageOf(error)),
  })

  function setColumns(found: readonly ColumnInfo[]): void {
    if (gridColumns.length === found.length && found.length > 0) return
    const columns = shownColumns?.length === found.length ? shownColumns : found
    columnInfo.value = columns
    gridColumns = columns.map(({ name, declaredType }) => ({ name, type: declaredType ?? '' }))
  }

  function inFirst(row: number): FirstRows | undefined {
    return firstRows.find(({ firstRow, chunk }) => row >= firstRow && row < firstRow + chunk.rowCount)
  }

  return {
    columnInfo,
    trouble,
    count,
    get columns() {
      return gridColumns
    },
    get rowCount() {
      return count.value
    },
    cell(row, column): GridCell | undefined {
      const first = inFirst(row)
      if (first) return gridCell(first.chunk, row - first.firstRow, column)
      const found = pages.find(row)
      if (!found) return undefined
      const { chunk, cut } = found.content
      return gridCell(chunk, found.offset, column, cut.get(`${found.offset},${column}`))
    },
    value(row, column) {
      const first = inFirst(row)
      if (first) return { cell: first.chunk.cell(row - first.firstRow, column), cut: false }
      const found = pages.find(row)
      if (!found) return undefined
      const { chunk, cut } = found.content
      return { cell: chunk.cell(found.offset, column), cut: cut.has(`${found.offset},${column}`) }
    },
    show(first, shown) {
      if (runId === undefined || shown <= 0) return
      if (inFirst(first) && inFirst(first + shown - 1)) return
      pages.show(first, shown, count.value)
    },
    subscribe(onChange) {
      listeners.add(onChange)
      return () => listeners.delete(onChange)
    },
    identify(id) {
      runId = id
    },
    takeFirst(item) {
      switch (item.kind) {
        case 'columns':
          setColumns(item.columns)
          break
        case 'rows': {
          const chunk = readChunk(item.chunk)
          firstRows.push({ firstRow: item.firstRow, chunk })
          count.value = Math.max(count.value, item.firstRow + chunk.rowCount)
          break
        }
        default:
          item satisfies never
      }
      changed()
    },
    takeProgress({ columns, rows }) {
      if (columns) setColumns(columns)
      count.value = Math.max(count.value, rows)
      changed()
    },
    refresh: changed,
    dispose() {
      pages.dispose()
      listeners.clear()
    },
  }
}
