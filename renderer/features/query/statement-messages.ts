import type { StatementRun } from './use-statement-runs.ts'

/** A notice of a server, with the statement that brought it. */
export interface StatementMessage {
  readonly number: number
  readonly severity: string
  readonly message: string
}

/** What a server said while statements ran, in their order. */
export function messagesOf(runs: readonly StatementRun[]): StatementMessage[] {
  return runs.flatMap(({ number, activity }) => {
    const notices = activity.value.kind === 'run' ? (activity.value.run.progress.notices ?? []) : []
    return notices.map(({ severity, message }) => ({ number, severity, message }))
  })
}
