import type { CancelHow, RunState } from '#contract/run.ts'
import type { Outcome } from './outcome.ts'

/** What is known when a command has ended. */
export interface Ending {
  readonly outcome: Outcome
  readonly startedAt: number
  readonly endedAt: number
  /** How it was stopped, when its stop was asked for. */
  readonly stopped: CancelHow | undefined
}

/** The last state of a command whose end was recorded. A refusal is told by `refusalMessage` instead. */
export function finalState(
  { outcome, startedAt, endedAt, stopped }: Ending,
  refusalMessage: string,
): RunState {
  if (outcome.kind === 'refused') return { kind: 'failed-to-spawn', endedAt, message: refusalMessage }
  const times = { startedAt, endedAt, durationMs: outcome.durationMs }
  if (stopped) return { kind: 'cancelled', ...times, how: stopped }
  switch (outcome.kind) {
    case 'exit':
      return outcome.exitCode === 0
        ? { kind: 'done', ...times }
        : { kind: 'failed', ...times, cause: { kind: 'exit', exitCode: outcome.exitCode } }
    case 'signal':
      return { kind: 'killed', ...times, signal: outcome.signal }
    default:
      return outcome satisfies never
  }
}
