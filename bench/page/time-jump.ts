import { paintedWhen, rowsInView, shownGrid } from './painted.ts'

/** Where a jump went and how long it took, in milliseconds, until every cell in view had its value. */
export interface Jump {
  readonly tookMs: number
  /** The first row in view, from 0, and the text of one of its cells. */
  readonly row: number
  readonly text: string
  /** The last row that there is an element for, which may be cut by the window's edge. */
  readonly lastRow: number
}

/**
 * Moves the scrollbar of the shown grid, as dragging its thumb does.
 * @param share 0 for the first row, 1 for the last. @param column of the text that is read.
 */
export async function timeJump(share: number, column: number): Promise<Jump> {
  const grid = shownGrid()
  const before = firstRow(grid)?.dataset['row']
  const start = performance.now()
  grid.scrollTop = share * (grid.scrollHeight - grid.clientHeight)
  const shownAt = await paintedWhen(
    () => firstRow(grid)?.dataset['row'] !== before && grid.querySelector('.grid-cell.waiting') === null,
  )
  const first = firstRow(grid)
  const text = first?.querySelector(`[data-column="${column}"]`)?.textContent ?? ''
  const lastRow = Math.max(...rowsInView(grid).map((row) => Number(row.dataset['row'])))
  return { tookMs: shownAt - start, row: Number(first?.dataset['row']), text, lastRow }
}

function firstRow(grid: Element): HTMLElement | undefined {
  return rowsInView(grid).reduce<HTMLElement | undefined>(
    (first, row) =>
      first === undefined || Number(row.dataset['row']) < Number(first.dataset['row']) ? row : first,
    undefined,
  )
}
