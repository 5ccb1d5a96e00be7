import type { Run } from '#contract/run.ts'
import { formatBytes } from '../ui/format/number.ts'
import { rowsWords } from './run-words.ts'

/** How far a run has come, in a few words. */
export function progressWords(run: Run): string {
  switch (run.kind) {
    case 'query':
    case 'transfer':
      return rowsWords(run.progress.rows)
    case 'command':
      return formatBytes(run.progress.bytes)
    default:
      return run satisfies never
  }
}
