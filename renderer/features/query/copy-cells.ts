import type { RunId } from '#contract/run.ts'
import { MAX_COPY_ROWS } from '#contract/service.ts'
import type { CopyFormat } from '#contract/transfer.ts'
import { askService } from '../../ipc/ask.ts'
import { messageOf } from '../../ipc/message-of.ts'
import { t, tCount } from '../../messages/words.ts'
import { writeClipboard } from '../../ui/clipboard.ts'
import { formatCount } from '../../ui/format/number.ts'
import type { GridRange } from '../../ui/grid/grid-selection.ts'
import { showDone, showError } from '../../ui/toasts.ts'

/** Puts cells of a result into the clipboard, or says why not. */
export async function copyCells(id: RunId, range: GridRange, format: CopyFormat): Promise<void> {
  if (range.rows === 0) return
  if (range.rows > MAX_COPY_ROWS) {
    return showError(t('query.copyFailed'), t('query.copyTooMany', { most: formatCount(MAX_COPY_ROWS) }))
  }
  const columns = Array.from({ length: range.columns }, (_, index) => range.column + index)
  try {
    const { text } = await askService('result.copy', {
      id,
      from: range.row,
      count: range.rows,
      columns,
      format,
    })
    await writeClipboard(text)
    showDone(tCount('query.copied', range.rows, formatCount(range.rows)))
  } catch (error) {
    showError(t('query.copyFailed'), messageOf(error))
  }
}
