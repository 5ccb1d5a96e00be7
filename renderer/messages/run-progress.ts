import { outlookOf } from '#contract/outlook.ts'
import { isFinal, type Run, type TransferRun } from '#contract/run.ts'
import { formatBytes } from '../ui/format/number.ts'
import { rowsWords } from './run-words.ts'

/** How much of a run is done, from 0 to 1, by what is known at a moment; undefined where nobody knows. */
export function runFraction(run: Run, now: number): number | undefined {
  if (isFinal(run.state)) return undefined
  return run.kind === 'transfer' ? transferFraction(run) : (outlookOf(run, now)?.fraction ?? undefined)
}

/** How much of a transfer is done, from 0 to 1; undefined where nobody knows. */
export function transferFraction({ spec, progress }: TransferRun): number | undefined {
  const { rows, bytes, total } = progress
  if (total === null || total === 0) return undefined
  return Math.min(1, (spec.transfer.kind === 'export' ? rows : bytes) / total)
}

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
