import { cellText } from '#contract/chunk/cell-text.ts'
import { readChunk } from '#contract/chunk/read.ts'
import type { RunId } from '#contract/run.ts'
import { askService } from '../../ipc/ask.ts'

/** Findings shown; the run's own page has all. */
const MAX_SHOWN = 100
/** What SQLite says when it has found nothing wrong. */
const NOTHING_WRONG = 'ok'

/** What a check has found wrong, a line for each, at most a hundred. @throws RequestFailed */
export async function readFindings(id: RunId): Promise<readonly string[]> {
  const { chunk: bytes } = await askService('result.rows', { id, from: 0, count: MAX_SHOWN })
  const chunk = readChunk(bytes)
  const lines = Array.from({ length: chunk.rowCount }, (_, row) =>
    Array.from({ length: chunk.columnCount }, (_each, column) => cellText(chunk.cell(row, column))).join(
      ', ',
    ),
  )
  return lines.length === 1 && lines[0] === NOTHING_WRONG ? [] : lines
}
