import { cellText } from '#contract/chunk/cell-text.ts'
import { readChunk } from '#contract/chunk/read.ts'
import type { RunId } from '#contract/run.ts'
import type { Sessions } from './sessions.ts'

/** Reads the first column of a page of a result, as text. */
export async function readIds(
  { service }: Sessions,
  id: RunId,
  from: number,
  count: number,
): Promise<string[]> {
  const page = await service.call('result.rows', { id, from, count })
  const chunk = readChunk(page.chunk)
  return Array.from({ length: chunk.rowCount }, (_, row) => cellText(chunk.cell(row, 0)))
}
