import type { ImportPreview } from '#contract/transfer.ts'
import type { GridCell, GridSource } from '../../ui/grid/grid-source.ts'

/** The rows of a preview, to be drawn; they never change. */
export function previewRows({ columns, rows }: ImportPreview): GridSource {
  return {
    columns: columns.map(({ name }) => ({ name, type: '' })),
    rowCount: rows.length,
    cell(row, column): GridCell {
      const text = rows[row]?.[column] ?? null
      return text === null ? { kind: 'null' } : { kind: 'text', text, cut: false }
    },
    show: () => undefined,
    subscribe: () => () => undefined,
  }
}
