import { isFinal, type Run, type ToldProgress, type TransferRun } from './run.ts'

/** How far a running command is and when it may end. Every time in it is an estimate. */
export type Outlook =
  /** By what the command itself has written; `remainingMs` is null when that gives no pace. */
  | {
      readonly from: 'output'
      /** From 0 to 1; null when it only says that it is at work. */
      readonly fraction: number | null
      readonly counted: ToldProgress['counted']
      readonly remainingMs: number | null
    }
  /** By how long its last `basedOn` runs took; `remainingMs` is null once it has taken longer. */
  | {
      readonly from: 'earlier'
      readonly fraction: number
      readonly usualMs: number
      readonly basedOn: number
      readonly remainingMs: number | null
    }

/** The outlook of a run at a moment, in milliseconds since 1970; undefined when it does not run or nothing is known. */
export function outlookOf(run: Run, now: number): Outlook | undefined {
  if (run.kind !== 'command' || run.state.kind !== 'running' || run.state.stopping) return undefined
  const { told, usual } = run.progress
  const { startedAt } = run.state
  if (told) {
    const { fraction, counted, endsAt } = told
    const remainingMs = endsAt !== null && endsAt > now ? endsAt - now : null
    return { from: 'output', fraction, counted, remainingMs }
  }
  if (!usual || usual.durationMs <= 0) return undefined
  const elapsed = Math.max(0, now - startedAt)
  const { durationMs: usualMs, basedOn } = usual
  return {
    from: 'earlier',
    fraction: Math.min(1, elapsed / usualMs),
    usualMs,
    basedOn,
    remainingMs: elapsed < usualMs ? usualMs - elapsed : null,
  }
}

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
