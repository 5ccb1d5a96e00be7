import { columnsBetween, MIN_COLUMN_PX, type ColumnLayout } from './grid-layout.ts'
import type { ColumnMark, GridColumn } from './grid-source.ts'

export interface HeaderView {
  readonly columns: readonly GridColumn[]
  readonly layout: ColumnLayout
  readonly left: number
  readonly width: number
  readonly rowNumberPx: number
  readonly marks: ReadonlyMap<number, ColumnMark>
}

export interface HeaderEvents {
  /** A column's edge was dragged. */
  onResize(column: number, widthPx: number): void
  /** A column's edge was double-clicked: it wants its fitting width. */
  onFit(column: number): void
  onSelect(column: number, extend: boolean): void
  /** Where a click does something else than to select. @param beside with Shift. */
  readonly onChoose?: ((column: number, beside: boolean) => void) | undefined
  /** The sign for what can be done with a column was clicked. */
  readonly onMenu?: ((column: number, box: DOMRect) => void) | undefined
}

/** The header of a grid, with an edge on each column to drag it wider. */
export interface GridHeader {
  draw(view: HeaderView): void
}

interface HeaderCell {
  readonly element: HTMLElement
  readonly name: HTMLElement
  readonly type: HTMLElement
  readonly mark: HTMLElement
  column: number
}

export function mountGridHeader(parent: HTMLElement, events: HeaderEvents): GridHeader {
  const row = document.createElement('div')
  row.role = 'row'
  row.className = 'grid-header'
  row.ariaRowIndex = '1'
  const corner = document.createElement('div')
  corner.role = 'columnheader'
  corner.className = 'grid-corner'
  corner.ariaColIndex = '1'
  corner.textContent = '#'
  row.append(corner)
  parent.append(row)
  const cells: HeaderCell[] = []
  let view: HeaderView | undefined

  function makeCell(): HeaderCell {
    const element = document.createElement('div')
    element.role = 'columnheader'
    element.className = 'grid-header-cell'
    const name = document.createElement('span')
    name.className = 'grid-header-name'
    const type = document.createElement('span')
    type.className = 'grid-header-type'
    const edge = document.createElement('span')
    edge.className = 'grid-edge'
    const mark = document.createElement('span')
    mark.className = 'grid-mark'
    element.append(name, type, mark, edge)
    row.append(element)
    const cell: HeaderCell = { element, name, type, mark, column: 0 }
    const { onChoose, onMenu } = events
    element.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return
      if (!onChoose || event.altKey) events.onSelect(cell.column, event.shiftKey)
    })
    if (onChoose) {
      element.classList.add('choosable')
      element.addEventListener('click', (event) => {
        if (event.target !== edge && !event.altKey) onChoose(cell.column, event.shiftKey)
      })
    }
    if (onMenu) element.append(makeMenuSign(() => onMenu(cell.column, element.getBoundingClientRect())))
    edge.addEventListener('pointerdown', (event) => {
      event.stopPropagation()
      drag(edge, event, cell.column)
    })
    edge.addEventListener('dblclick', () => events.onFit(cell.column))
    return cell
  }

  /** For the mouse alone: the keyboard has the menu's own key. */
  function makeMenuSign(open: () => void): HTMLElement {
    const sign = document.createElement('span')
    sign.className = 'grid-menu-sign'
    sign.addEventListener('pointerdown', (event) => event.stopPropagation())
    sign.addEventListener('click', (event) => {
      event.stopPropagation()
      open()
    })
    return sign
  }

  function drag(edge: HTMLElement, start: PointerEvent, column: number): void {
    const before = view?.layout.widths[column] ?? MIN_COLUMN_PX
    const onMove = (event: PointerEvent): void =>
      events.onResize(column, Math.max(MIN_COLUMN_PX, before + event.clientX - start.clientX))
    edge.setPointerCapture(start.pointerId)
    edge.addEventListener('pointermove', onMove)
    edge.addEventListener('lostpointercapture', () => edge.removeEventListener('pointermove', onMove), {
      once: true,
    })
  }

  return {
    draw(next) {
      view = next
      const [first, end] = columnsBetween(next.layout, next.left, next.left + next.width - next.rowNumberPx)
      corner.style.width = `${next.rowNumberPx}px`
      for (let index = 0; index < Math.max(end - first, cells.length); index += 1) {
        const cell = (cells[index] ??= makeCell())
        const column = first + index
        const info = next.columns[column]
        cell.element.hidden = column >= end || !info
        if (column >= end || !info) continue
        cell.column = column
        cell.element.style.transform = `translateX(${next.rowNumberPx + (next.layout.starts[column] ?? 0) - next.left}px)`
        cell.element.style.width = `${next.layout.widths[column] ?? 0}px`
        cell.element.ariaColIndex = String(column + 2)
        cell.element.title = info.type ? `${info.name} (${info.type})` : info.name
        cell.element.classList.toggle('right', next.layout.numeric[column] ?? false)
        cell.name.textContent = info.name
        cell.type.textContent = info.type
        drawMark(cell, next.marks.get(column))
      }
    },
  }
}

function drawMark({ element, mark }: HeaderCell, { sorted, order, filtered = false }: ColumnMark = {}): void {
  element.ariaSort = sorted ?? 'none'
  element.classList.toggle('filtered', filtered)
  mark.textContent = sorted ? `${sorted === 'ascending' ? '↑' : '↓'}${order ?? ''}` : ''
}
