import { cellText } from '#contract/chunk/cell-text.ts'
import type { Chunk } from '#contract/chunk/read.ts'
import type { GridCell } from '../ui/grid/grid-source.ts'

/** Bytes of a text that are decoded for a cell of the grid, which never is that wide. */
const DRAWN_TEXT_BYTES = 640
/** Bytes of a blob that a cell shows. */
const DRAWN_BLOB_BYTES = 8

/** A value of a chunk, ready to be drawn. @throws DamagedChunk */
export function gridCell(chunk: Chunk, row: number, column: number, fullBytes?: number): GridCell {
  const cell = chunk.cell(row, column)
  switch (cell.kind) {
    case 'null':
      return { kind: 'null' }
    case 'integer':
    case 'real':
      return { kind: cell.kind, text: cellText(cell) }
    case 'text': {
      const cut = fullBytes !== undefined || cell.bytes.length > DRAWN_TEXT_BYTES
      return { kind: 'text', text: cellText(cell, DRAWN_TEXT_BYTES), cut }
    }
    case 'blob': {
      const bytes = fullBytes ?? cell.bytes.length
      const digits = cellText(cell, DRAWN_BLOB_BYTES)
      return { kind: 'blob', bytes, preview: `0x${digits}${bytes > DRAWN_BLOB_BYTES ? '…' : ''}` }
    }
    default:
      return cell satisfies never
  }
}
