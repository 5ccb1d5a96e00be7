import type { ParamsOf } from '#contract/channel.ts'
import type { TransferRun } from '#contract/run.ts'
import type { ServiceContract } from '#contract/service.ts'
import type { Client } from '#kit/client.ts'
import { failed } from '#kit/request-failed.ts'
import type { CommandContext } from './command.ts'
import { EXIT } from './exit-status.ts'
import { failureText } from './failure-text.ts'
import { stateWords } from './runs/run-words.ts'
import { waitingSayer } from './runs/say-waiting.ts'

/** Has an export or import done, saying why it waits, and how it has ended. @returns the exit status. */
export async function followTransfer(
  client: Client<ServiceContract>,
  request: ParamsOf<ServiceContract, 'transfer.run'>,
  context: CommandContext,
  verbose: boolean | undefined,
): Promise<number> {
  const { say, signal } = context
  const stream = client.stream('transfer.run', request, { signal })
  const sayWaiting = waitingSayer(context, verbose)
  for await (const { id, state } of stream) if (state.kind === 'queued') sayWaiting(id, state.reasons)
  const run = await stream.result
  signal.throwIfAborted()
  if (run.kind !== 'transfer') throw failed('internal', `Run ${run.id} is no transfer. Try again.`)
  return report(run, say)
}

function report({ id, state, progress }: TransferRun, say: (line: string) => void): number {
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
    case 'dependency-failed':
      say(`offloop: run ${id} was ${stateWords(state)}`)
      return EXIT.failed
    case 'timed-out':
      say(`offloop: run ${id} waited too long, and was not started [deadline]`)
      return EXIT.timedOut
    case 'queued':
    case 'running':
    case 'paused':
    case 'killed':
    case 'failed-to-spawn':
    case 'interrupted':
      // No transfer ends like this.
      say(`offloop: run ${id} ended as ${state.kind}`)
      return EXIT.failed
    default:
      return state satisfies never
  }
}
