import { mountScroller } from '../scroll/mount-scroller.ts'
import { mountGridHeader } from './grid-header.ts'
import {
  columnAt,
  fittingWidth,
  HEADER_PX,
  isNumeric,
  layOutColumns,
  ROW_PX,
  rowNumberWidth,
  type ColumnLayout,
} from './grid-layout.ts'
import { mountGridRows, type CellWords } from './grid-rows.ts'
import {
  contains,
  moveTo,
  rangeOf,
  selectionAfterKey,
  START,
  type GridRange,
  type GridSize,
  type Place,
  type Selection,
} from './grid-selection.ts'
import type { ColumnMark, GridCell, GridSource } from './grid-source.ts'

/** Of a mouse, in the events of the DOM. */
const RIGHT_BUTTON = 2
/** Rows looked at to find a column's fitting width. */
const FITTED_ROWS = 60

export interface GridOptions {
  /** The element that scrolls and has the keyboard; it holds nothing else. */
  readonly element: HTMLElement
  readonly source: GridSource
  readonly words: CellWords
  /** Unique in the page. */
  readonly id: string
  /** The cell with the keyboard, whenever it has changed. */
  onFocus(place: Place): void
  /** The person wants to see a whole value. */
  onActivate(place: Place): void
  /** The person wants these cells in the clipboard. */
  onCopy(range: GridRange): void
  /** What the heads of columns say; none without. Call `redraw` when that has changed. */
  readonly marks?: (() => ReadonlyMap<number, ColumnMark>) | undefined
  /** A column's head was clicked; without it a click selects the column, as Alt and a click always do. */
  readonly onChooseColumn?: ((column: number, beside: boolean) => void) | undefined
  /** The person wants to see what can be done with a cell, or with a column when there is no row. */
  readonly onMenu?: ((place: MenuPlace) => void) | undefined
  /** Widths that the person has given to columns before. */
  readonly widths?: ReadonlyMap<number, number> | undefined
  /** What is done with a grid whose cells can be changed; without it none can. */
  readonly editing?: GridEditing
  /** The person has gone to another place; not called for where `scrollTo` has gone. */
  readonly onScroll?: (position: GridPosition) => void
}

/** Where a grid is scrolled to, in pixels. */
export interface GridPosition {
  readonly left: number
  readonly offset: number
}

export interface GridEditing {
  /** The person wants to change a cell. @param typed the key that was pressed for it, which begins the new value. */
  onEdit(place: Place, typed: string | undefined): void
  /** The person wants these cells to hold nothing. */
  onClear(range: GridRange): void
  /** What is drawn over a cell no longer lies there. */
  onMoved(): void
}

/** Where a cell is drawn, from the top left corner of the grid, in pixels. */
export interface CellBox {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

export interface MenuPlace {
  readonly column: number
  readonly row?: number
  /** In pixels of the window. */
  readonly x: number
  readonly y: number
}

const NO_MARKS: ReadonlyMap<number, ColumnMark> = new Map()

/** A drawn grid. */
export interface Grid {
  readonly selection: GridRange
  focus(): void
  goTo(place: Place): void
  /** As far as there is anything there. */
  scrollTo(position: GridPosition): void
  boxOf(place: Place): CellBox
  selectColumn(column: number): void
  redraw(): void
  /** Those that the person has given to columns. */
  readonly widths: ReadonlyMap<number, number>
  dispose(): void
}

/**
 * Draws a source of any length with a fixed set of elements. No framework takes part in drawing: a frame of scrolling
 * costs the cells that came into view.
 */
export function mountGrid(options: GridOptions): Grid {
  const { element, source, words, id, editing } = options
  const scroller = mountScroller({ element, linePx: ROW_PX, draw })
  const rows = mountGridRows(scroller.view, words, id)
  const header = mountGridHeader(scroller.view, {
    onResize(column, width) {
      setWidth(column, width)
    },
    onFit(column) {
      setWidth(column, fitColumn(column, sampleCells(column)))
    },
    onSelect: selectColumn,
    onChoose: options.onChooseColumn,
    onMenu: options.onMenu && ((column, box) => options.onMenu?.({ column, x: box.left, y: box.bottom })),
  })
  const setWidths = new Map(options.widths)
  let layout: ColumnLayout = layOutColumns([])
  let selection: Selection = START
  /** How many rows the widths were fitted to: the first ones may be few, and show too little. */
  let fittedRows = 0
  let rowNumberPx = 0
  let drawn: GridPosition = { left: 0, offset: 0 }
  /** The source has changed since it was measured. */
  let stale = false

  function sampleCells(column: number): readonly GridCell[] {
    const first = Math.floor(scroller.offset / ROW_PX)
    const cells: GridCell[] = []
    for (let row = first; row < Math.min(first + FITTED_ROWS, source.rowCount); row += 1) {
      const cell = source.cell(row, column)
      if (cell) cells.push(cell)
    }
    return cells
  }

  function fitColumn(column: number, cells: readonly GridCell[]): number {
    const info = source.columns[column]
    return info ? fittingWidth(info, cells) : 0
  }

  function selectColumn(column: number, extend = false): void {
    const last = Math.max(0, source.rowCount - 1)
    const anchor = extend ? selection.anchor.column : column
    select({ anchor: { row: 0, column: anchor }, focus: { row: last, column } }, 'stay')
    element.focus({ preventScroll: true })
  }

  function setWidth(column: number, width: number): void {
    setWidths.set(column, width)
    const widths = layout.widths.map((old, index) => (index === column ? width : old))
    layout = layOutColumns(widths, layout.numeric)
    // What the person has set stays.
    fittedRows = FITTED_ROWS
    measure()
    scroller.invalidate()
  }

  function measure(): void {
    stale = false
    const { columns, rowCount } = source
    if (columns.length !== layout.widths.length || fittedRows < Math.min(rowCount, FITTED_ROWS)) {
      const samples = columns.map((_, column) => sampleCells(column))
      const widths = samples.map((cells, column) => setWidths.get(column) ?? fitColumn(column, cells))
      layout = layOutColumns(widths, samples.map(isNumeric))
      // Rows are counted before they are here.
      fittedRows = samples[0]?.length ?? 0
    }
    rowNumberPx = rowNumberWidth(rowCount, words.rowNumber)
    element.ariaRowCount = String(rowCount + 1)
    element.ariaColCount = String(columns.length + 1)
    scroller.resize(HEADER_PX + rowCount * ROW_PX, rowNumberPx + (layout.starts.at(-1) ?? 0))
  }

  function draw(): void {
    if (stale) measure()
    const { left, offset, viewWidth: width, viewHeight: height } = scroller
    const isElsewhere = left !== drawn.left || offset !== drawn.offset
    drawn = { left, offset }
    if (isElsewhere) {
      editing?.onMoved()
      options.onScroll?.(drawn)
    }
    header.draw({
      columns: source.columns,
      layout,
      left,
      width,
      rowNumberPx,
      marks: options.marks?.() ?? NO_MARKS,
    })
    const { focus } = selection
    rows.draw({ source, layout, offset, left, width, height, rowNumberPx, range: rangeOf(selection), focus })
    element.setAttribute('aria-activedescendant', `${id}-${focus.row}-${focus.column}`)
  }

  function size(): GridSize {
    const pageRows = Math.max(1, Math.floor((scroller.viewHeight - HEADER_PX) / ROW_PX) - 1)
    return { rows: source.rowCount, columns: source.columns.length, pageRows }
  }

  function select(next: Selection, view: 'follow' | 'stay'): void {
    selection = next
    if (view === 'follow') reveal(next.focus)
    options.onFocus(next.focus)
    scroller.invalidate()
  }

  function reveal({ row, column }: Place): void {
    const top = row * ROW_PX
    const bottom = top + ROW_PX + HEADER_PX - scroller.viewHeight
    if (top < scroller.offset) scroller.scrollTo(top)
    else if (bottom > scroller.offset) scroller.scrollTo(bottom)
    const start = layout.starts[column] ?? 0
    const end = start + (layout.widths[column] ?? 0) + rowNumberPx - scroller.viewWidth
    if (start < scroller.left) scroller.scrollToLeft(start)
    else if (end > scroller.left) scroller.scrollToLeft(Math.min(end, start))
  }

  function placeAt(event: PointerEvent | MouseEvent): Place & { readonly onNumber: boolean } {
    const box = element.getBoundingClientRect()
    const x = event.clientX - box.left
    const y = event.clientY - box.top - HEADER_PX
    const column = columnAt(layout, x - rowNumberPx + scroller.left)
    return { row: Math.floor((y + scroller.offset) / ROW_PX), column, onNumber: x < rowNumberPx }
  }

  function isOnCells(event: MouseEvent): boolean {
    const box = element.getBoundingClientRect()
    const y = event.clientY - box.top
    return y >= HEADER_PX && y < element.clientHeight && event.clientX - box.left < element.clientWidth
  }

  function onPointerDown(event: PointerEvent): void {
    if (event.button !== 0 || !isOnCells(event)) return
    const place = placeAt(event)
    if (place.row >= source.rowCount) return
    if (place.onNumber) {
      const anchorRow = event.shiftKey ? selection.anchor.row : place.row
      const last = Math.max(0, source.columns.length - 1)
      return select(
        { anchor: { row: anchorRow, column: last }, focus: { row: place.row, column: 0 } },
        'stay',
      )
    }
    select(moveTo(selection, place, size(), event.shiftKey), 'stay')
    element.setPointerCapture(event.pointerId)
    element.addEventListener('pointermove', onPointerMove)
    element.addEventListener('lostpointercapture', stopDragging, { once: true })
  }

  function onPointerMove(event: PointerEvent): void {
    select(moveTo(selection, placeAt(event), size(), true), 'follow')
  }

  function stopDragging(): void {
    element.removeEventListener('pointermove', onPointerMove)
  }

  function onDoubleClick(event: MouseEvent): void {
    if (!isOnCells(event) || source.rowCount === 0) return
    if (editing) editing.onEdit(selection.focus, undefined)
    else options.onActivate(selection.focus)
  }

  function onContextMenu(event: MouseEvent): void {
    if (!options.onMenu || source.columns.length === 0) return
    event.preventDefault()
    const box = element.getBoundingClientRect()
    // The key for it tells of no place: the cell that has the keyboard is meant.
    if (event.button !== RIGHT_BUTTON) {
      const { row, column } = selection.focus
      const x = box.left + rowNumberPx + (layout.starts[column] ?? 0) - scroller.left
      const y = box.top + HEADER_PX + (row + 1) * ROW_PX - scroller.offset
      return options.onMenu({
        column,
        row,
        x: clamp(x, box.left, box.right),
        y: clamp(y, box.top, box.bottom),
      })
    }
    const { row, column } = placeAt(event)
    const { clientX: x, clientY: y } = event
    if (event.clientY - box.top < HEADER_PX) return options.onMenu({ column, x, y })
    if (row >= source.rowCount) return
    if (!contains(rangeOf(selection), row, column)) {
      select(moveTo(selection, { row, column }, size(), false), 'stay')
    }
    options.onMenu({ column, row, x, y })
  }

  function onKeyDown(event: KeyboardEvent): void {
    const control = event.ctrlKey || event.metaKey
    if (control && event.key.toLowerCase() === 'c') {
      event.preventDefault()
      return options.onCopy(rangeOf(selection))
    }
    if (editing && source.rowCount > 0 && !control && !event.altKey) {
      const { key } = event
      if (key === 'Enter' || key === 'F2' || isCharacter(key)) {
        event.preventDefault()
        return editing.onEdit(selection.focus, isCharacter(key) ? key : undefined)
      }
      if (key === 'Delete' || key === 'Backspace') {
        event.preventDefault()
        return editing.onClear(rangeOf(selection))
      }
    }
    if (event.key === 'Enter' && !control) return options.onActivate(selection.focus)
    if (event.altKey) return
    const next = selectionAfterKey(selection, { key: event.key, shift: event.shiftKey, control }, size())
    if (!next || source.rowCount === 0) return
    event.preventDefault()
    select(next, event.key.toLowerCase() === 'a' ? 'stay' : 'follow')
  }

  /** Measured with the drawing: a source may change more often than there are frames. */
  function onChange(): void {
    stale = true
    scroller.invalidate()
  }

  element.addEventListener('pointerdown', onPointerDown)
  element.addEventListener('dblclick', onDoubleClick)
  element.addEventListener('keydown', onKeyDown)
  element.addEventListener('contextmenu', onContextMenu)
  const unsubscribe = source.subscribe(onChange)
  measure()
  scroller.invalidate()

  return {
    get selection() {
      return rangeOf(selection)
    },
    focus: () => element.focus({ preventScroll: true }),
    selectColumn,
    redraw: () => scroller.invalidate(),
    widths: setWidths,
    boxOf: ({ row, column }) => ({
      left: rowNumberPx + (layout.starts[column] ?? 0) - scroller.left,
      top: HEADER_PX + row * ROW_PX - scroller.offset,
      width: layout.widths[column] ?? 0,
      height: ROW_PX,
    }),
    scrollTo({ left, offset }) {
      scroller.scrollTo(offset)
      scroller.scrollToLeft(left)
      // Another grid that follows this one must not be sent back to where this one could not go.
      drawn = { left: scroller.left, offset: scroller.offset }
    },
    goTo: (place) => select(moveTo(selection, place, size(), false), 'follow'),
    dispose() {
      unsubscribe()
      scroller.dispose()
      stopDragging()
      element.removeEventListener('pointerdown', onPointerDown)
      element.removeEventListener('dblclick', onDoubleClick)
      element.removeEventListener('keydown', onKeyDown)
      element.removeEventListener('contextmenu', onContextMenu)
    },
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most)
}

/** Whether a key writes a character: all others have longer names. */
function isCharacter(key: string): boolean {
  return /^.$/u.test(key)
}
