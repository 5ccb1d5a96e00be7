import { textWidth } from './text-width.ts'
import { visible } from './visible-cells.ts'

const GAP = '  '

/** A few rows for a person, under titles; everything in them is known by now. */
export function plainTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const shown = [titles, ...rows.map((row) => row.map(visible))]
  const widths = titles.map((_, index) => Math.max(...shown.map((row) => textWidth(row[index] ?? ''))))
  return shown
    .map((row) => row.map((cell, index) => cell + ' '.repeat((widths[index] ?? 0) - textWidth(cell))))
    .map((cells) => `${cells.join(GAP).trimEnd()}\n`)
    .join('')
}
