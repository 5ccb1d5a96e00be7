import { eachRow } from '#kit/formats/cell-reader.ts'
import type { RowFormat } from '#kit/formats/row-format.ts'
import { textWidth } from './text-width.ts'
import { visible, visibleCells } from './visible-cells.ts'

const GAP = '  '

/**
 * Columns under each other. Their widths come from the first rows to arrive, some thousands where they come fast, so
 * that the table begins at once and takes no memory; a longer value further down pushes its own row aside.
 */
export function tableFormat(names: readonly string[], isFirst: boolean): RowFormat {
  const titles = names.map(visible)
  let widths: number[] | undefined

  function line(cells: readonly string[], into: readonly number[]): string {
    const padded = cells.map(
      (cell, index) => cell + ' '.repeat(Math.max(0, (into[index] ?? 0) - textWidth(cell))),
    )
    return `${padded.join(GAP).trimEnd()}\n`
  }
  function head(into: readonly number[]): string {
    return (
      line(titles, into) +
      line(
        into.map((width) => '-'.repeat(width)),
        into,
      )
    )
  }

  return {
    begin: () => (isFirst ? '' : '\n'),
    rows(chunk) {
      const rows: string[][] = []
      eachRow(chunk, visibleCells, (cells) => rows.push([...cells]))
      let text = ''
      if (widths === undefined) {
        const measured = titles.map(textWidth)
        for (const row of rows) {
          for (const [index, cell] of row.entries()) {
            measured[index] = Math.max(measured[index] ?? 0, textWidth(cell))
          }
        }
        widths = measured
        text = head(measured)
      }
      for (const row of rows) text += line(row, widths)
      return text
    },
    end: () => (widths === undefined ? head(titles.map(textWidth)) : ''),
  }
}
