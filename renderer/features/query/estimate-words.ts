import { t } from '../../messages/words.ts'
import { formatDuration } from '../../ui/format/time.ts'

/** What takes less, in milliseconds, is over before one has read how long it may take. */
const SHOWN_ESTIMATE_MS = 2_000

/**
 * How much longer a query may take, called an estimate; empty where that is not worth saying.
 * @param estimateMs how long it took before; undefined when it never ran to its end.
 * @param runningMs how long it has been running.
 */
export function estimateWords(estimateMs: number | undefined, runningMs: number): string {
  if (estimateMs === undefined || estimateMs < SHOWN_ESTIMATE_MS) return ''
  const left = estimateMs - runningMs
  return left > 0
    ? t('query.estimateLeft', { duration: formatDuration(left) })
    : t('query.estimateOver', { duration: formatDuration(estimateMs) })
}
