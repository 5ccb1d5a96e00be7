import type { TransferRun } from '#contract/run.ts'
import { EXIT } from './exit-status.ts'
import { failureText } from './failure-text.ts'

/** Says how an export or import has ended. @returns the exit status. */
export function reportTransfer({ id, state, progress }: TransferRun, say: (line: string) => void): number {
  switch (state.kind) {
    case 'done': {
      const { rows, shortened } = progress
      const cut = shortened === undefined ? '' : `; ${shortened} texts were cut to what the format can hold`
      say(`offloop: ${rows} rows${cut}`)
      return EXIT.done
    }
    case 'failed':
      if (state.cause.kind === 'error') say(failureText(state.cause.failure))
      return EXIT.failed
    case 'cancelled':
      say(`offloop: run ${id} was cancelled, and has left nothing [cancelled]`)
      return EXIT.failed
    case 'lost':
      say(`offloop: ${state.message} [lost]`)
      return EXIT.failed
    case 'queued':
    case 'running':
    case 'paused':
    case 'killed':
    case 'failed-to-spawn':
    case 'dependency-failed':
    case 'interrupted':
    case 'timed-out':
      // No transfer ends like this.
      say(`offloop: run ${id} ended as ${state.kind}`)
      return EXIT.failed
    default:
      return state satisfies never
  }
}
