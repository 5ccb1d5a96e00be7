import type { QueryBudget } from '#contract/run.ts'
import { rowsWords } from '../../messages/run-words.ts'
import { formatBytes } from '../../ui/format/number.ts'
import { formatDuration } from '../../ui/format/time.ts'

export const MS_PER_SECOND = 1_000
export const BYTES_PER_MEGABYTE = 1024 ** 2

/** The limits of a budget, short enough for a button; empty when there are none. */
export function budgetWords({ timeoutMs, rows, bytes }: QueryBudget): string {
  const parts = [
    ...(timeoutMs === undefined ? [] : [formatDuration(timeoutMs)]),
    ...(rows === undefined ? [] : [rowsWords(rows)]),
    ...(bytes === undefined ? [] : [formatBytes(bytes)]),
  ]
  return parts.join(' · ')
}
