import { columnsBetween, HEADER_PX, ROW_PX, type ColumnLayout } from './grid-layout.ts'
import { contains, type GridRange, type Place } from './grid-selection.ts'
import type { GridCell, GridSource } from './grid-source.ts'
import { visibleText } from './visible-text.ts'

/** The words that cells are drawn with. */
export interface CellWords {
  readonly nullText: string
  readonly defaultText: string
  readonly emptyText: string
  blobSize(bytes: number): string
  rowNumber(row: number): string
}

/** What is in view, for one drawing. */
export interface GridView {
  readonly source: GridSource
  readonly layout: ColumnLayout
  readonly offset: number
  readonly left: number
  readonly width: number
  readonly height: number
  readonly rowNumberPx: number
  readonly range: GridRange
  readonly focus: Place
}

/** The rows of a grid: a fixed set of elements that are filled again as rows come into view. */
export interface GridRows {
  draw(view: GridView): void
}

interface RowElement {
  readonly element: HTMLElement
  readonly number: HTMLElement
  readonly cells: HTMLElement[]
}

/** How a row differs, for those who do not see its colour. */
const LOOK_SIGNS = { changed: '~', added: '+', removed: '−', conflict: '!' } as const

/** @param idPrefix makes the ids of cells unique in the page, for `aria-activedescendant`. */
export function mountGridRows(parent: HTMLElement, words: CellWords, idPrefix: string): GridRows {
  const rows: RowElement[] = []

  function makeRow(): RowElement {
    const element = document.createElement('div')
    element.role = 'row'
    element.className = 'grid-row'
    const number = document.createElement('div')
    number.role = 'rowheader'
    number.className = 'grid-number'
    element.append(number)
    parent.append(element)
    return { element, number, cells: [] }
  }

  function drawRow(target: RowElement, row: number, view: GridView, first: number, end: number): void {
    const { element, number, cells } = target
    element.hidden = false
    element.style.transform = `translateY(${HEADER_PX + row * ROW_PX - view.offset}px)`
    element.ariaRowIndex = String(row + 2)
    element.dataset['row'] = String(row)
    element.classList.toggle('odd', row % 2 === 1)
    const rowLook = view.source.rowLook?.(row)
    const sign = rowLook === undefined ? '' : `${LOOK_SIGNS[rowLook]} `
    number.textContent = `${sign}${words.rowNumber(row + 1)}`
    if (view.source.rowLook) number.dataset['look'] = rowLook ?? ''
    number.style.width = `${view.rowNumberPx}px`
    number.classList.toggle('selected', row >= view.range.row && row < view.range.row + view.range.rows)
    for (let index = 0; index < Math.max(end - first, cells.length); index += 1) {
      const cell = (cells[index] ??= makeCell(element))
      const column = first + index
      cell.hidden = column >= end
      if (column < end) drawCell(cell, row, column, view)
    }
  }

  function makeCell(row: HTMLElement): HTMLElement {
    const cell = document.createElement('div')
    cell.role = 'gridcell'
    row.append(cell)
    return cell
  }

  function drawCell(element: HTMLElement, row: number, column: number, view: GridView): void {
    const { layout, range, focus } = view
    const cell = view.source.cell(row, column)
    const left = view.rowNumberPx + (layout.starts[column] ?? 0) - view.left
    element.style.transform = `translateX(${left}px)`
    element.style.width = `${layout.widths[column] ?? 0}px`
    element.ariaColIndex = String(column + 2)
    element.dataset['column'] = String(column)
    element.dataset['row'] = String(row)
    element.id = `${idPrefix}-${row}-${column}`
    const selected = contains(range, row, column)
    const focused = row === focus.row && column === focus.column
    element.ariaSelected = String(selected)
    const right = layout.numeric[column] ? ' right' : ''
    element.className = `grid-cell ${classOf(cell)}${right}${selected ? ' selected' : ''}${focused ? ' focused' : ''}`
    if (view.source.cellLook) element.dataset['look'] = view.source.cellLook(row, column) ?? ''
    const text = textOf(cell)
    if (element.textContent !== text) element.textContent = text
  }

  function textOf(cell: GridCell | undefined): string {
    if (!cell) return ''
    switch (cell.kind) {
      case 'null':
        return words.nullText
      case 'default':
        return words.defaultText
      case 'integer':
      case 'real':
        return cell.text
      case 'text':
        if (cell.text === '') return words.emptyText
        return cell.cut ? `${visibleText(cell.text)}…` : visibleText(cell.text)
      case 'blob':
        return `${cell.preview} ${words.blobSize(cell.bytes)}`.trim()
      default:
        return cell satisfies never
    }
  }

  return {
    draw(view) {
      const visible = Math.ceil(Math.max(0, view.height - HEADER_PX) / ROW_PX) + 1
      const firstRow = Math.floor(view.offset / ROW_PX)
      const endRow = Math.min(firstRow + visible, view.source.rowCount)
      const [first, end] = columnsBetween(view.layout, view.left, view.left + view.width - view.rowNumberPx)
      while (rows.length < visible) rows.push(makeRow())
      view.source.show(firstRow, endRow - firstRow)
      // A row keeps its element while it is in view, so that scrolling by one row fills one element.
      for (let slot = 0; slot < rows.length; slot += 1) {
        const target = rows[slot]
        if (!target) continue
        const row = firstRow + ((slot - (firstRow % rows.length) + rows.length) % rows.length)
        if (row < endRow) drawRow(target, row, view, first, end)
        else target.element.hidden = true
      }
    },
  }
}

function classOf(cell: GridCell | undefined): string {
  if (!cell) return 'waiting'
  switch (cell.kind) {
    case 'null':
    case 'default':
      return 'null'
    case 'integer':
    case 'real':
      return 'number'
    case 'text':
      return cell.text === '' ? 'empty' : 'text'
    case 'blob':
      return 'blob'
    default:
      return cell satisfies never
  }
}
