import { cellBytes, cellText } from '#contract/chunk/cell-text.ts'
import type { CellKind } from '#contract/chunk/read.ts'
import { MAX_COPY_BYTES } from '#contract/service.ts'
import { failed } from '#kit/request-failed.ts'
import type { ChunkCache } from './chunk-cache.ts'
import { chunksOf, namingDamage } from './chunks-of.ts'
import type { Result } from './open-result.ts'

/** One whole value as text. */
export interface CellValue {
  readonly kind: CellKind
  /** At most MAX_COPY_BYTES of it. */
  readonly text: string
  /** Of a text or blob, all of it; 0 for the other kinds. */
  readonly bytes: number
}

/** A blob takes two hexadecimal digits a byte. */
const HEX_PER_BYTE = 2

/** Reads one cell. @throws RequestFailed `not-found` outside of the result. */
export function readCell(result: Result, cache: ChunkCache, row: number, column: number): Promise<CellValue> {
  return namingDamage(result, async () => {
    if (column < result.columns.length) {
      for await (const { chunk, from } of chunksOf(result, cache, row, 1)) {
        const cell = chunk.cell(from, column)
        const limit = cell.kind === 'blob' ? MAX_COPY_BYTES / HEX_PER_BYTE : MAX_COPY_BYTES
        return { kind: cell.kind, text: cellText(cell, limit), bytes: cellBytes(cell) }
      }
    }
    throw failed(
      'not-found',
      `Row ${row + 1}, column ${column + 1} is not in this result of ${result.rows} rows.`,
    )
  })
}
