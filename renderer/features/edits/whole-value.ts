import type { EditValue } from '#contract/edits.ts'
import type { RunId } from '#contract/run.ts'
import { askService } from '../../ipc/ask.ts'
import { t } from '../../messages/words.ts'
import type { ResultRows } from '../../rows/result-rows.ts'
import { valueOf } from './edit-value.ts'

/** Hexadecimal digits of a byte. */
const DIGITS_PER_BYTE = 2
/** What stands where bytes were not valid. */
const REPLACEMENT = '\ufffd'

const encoder = new TextEncoder()

/**
 * A value whole and exact, as it was read.
 * @throws Error, with what to do instead, where it is too large or its bytes are not known; RequestFailed.
 */
export async function wholeValue(
  rows: ResultRows,
  runId: RunId,
  row: number,
  column: number,
): Promise<EditValue> {
  const known = rows.value(row, column)
  if (known && !known.cut) return valueOf(known.cell)
  const { kind, text, bytes } = await askService('result.cell', { id: runId, row, column })
  switch (kind) {
    case 'null':
      return null
    case 'integer':
      return { integer: text }
    case 'real':
      return realOf(text)
    case 'text':
      if (encoder.encode(text).length !== bytes || text.includes(REPLACEMENT))
        throw new Error(t('edits.notExact'))
      return text
    case 'blob':
      if (text.length !== bytes * DIGITS_PER_BYTE) throw new Error(t('edits.notExact'))
      return { blob: text }
    default:
      return kind satisfies never
  }
}

/** A real from its text, which reads back as the same one. */
function realOf(text: string): EditValue {
  if (text === 'Inf') return { real: 'Infinity' }
  if (text === '-Inf') return { real: '-Infinity' }
  return text === 'NaN' ? { real: 'NaN' } : { real: Number(text) }
}
