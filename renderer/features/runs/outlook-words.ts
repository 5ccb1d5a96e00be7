import type { Outlook } from '#contract/outlook.ts'
import { t, tCount } from '../../messages/words.ts'
import { formatCount, formatPercent } from '../../ui/format/number.ts'
import { formatRoughly } from '../../ui/format/time.ts'

/** Counts beyond are bytes or the like, which nobody compares digit by digit. */
const MOST_COUNTED = 1e7

/** How far a command is and what remains, in parts; each guess is called an estimate. */
export function outlookWords(outlook: Outlook): string[] {
  switch (outlook.from) {
    case 'output': {
      const { fraction, counted, remainingMs } = outlook
      if (fraction === null) return [t('runs.atWork')]
      return [
        formatPercent(fraction),
        ...(counted && counted.total <= MOST_COUNTED && Number.isInteger(counted.done)
          ? [t('runs.counted', { done: formatCount(counted.done), total: formatCount(counted.total) })]
          : []),
        ...(remainingMs === null ? [] : [t('query.estimateLeft', { duration: formatRoughly(remainingMs) })]),
      ]
    }
    case 'earlier': {
      const { remainingMs, usualMs, basedOn } = outlook
      if (remainingMs === null) return [t('runs.longerThanUsual', { duration: formatRoughly(usualMs) })]
      const duration = formatRoughly(remainingMs)
      return [tCount('runs.usualLeft', basedOn, formatCount(basedOn), { duration })]
    }
    default:
      return outlook satisfies never
  }
}
