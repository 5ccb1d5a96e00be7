import type { CommandSpec, RunId } from '#contract/run.ts'
import type { TerminalSize } from '#contract/terminal.ts'
import { failed } from '#kit/request-failed.ts'
import type { Attempt } from './attempt.ts'
import { inputPipe } from './input-pipe.ts'

/** Ctrl-D: a terminal takes it for the end of what is typed. */
const END_OF_TYPING = Uint8Array.of(4)

/** What can be sent to a command that runs. */
export interface CommandInput {
  /** Resolves once the system has taken all bytes. @throws RequestFailed `invalid-params` when nothing can be sent. */
  send(bytes: Uint8Array, signal: AbortSignal): Promise<void>
  /** Lets the command find the end of its input. @throws RequestFailed `invalid-params` */
  end(signal: AbortSignal): Promise<void>
  /** @throws RequestFailed `invalid-params` for a command without a terminal. */
  resize(size: TerminalSize, signal: AbortSignal): Promise<void>
  /** Lets go of it; whoever still waits is told `reason`. */
  close(reason: Error): void
}

/** @param closeTheirs makes the wrapper close the pipe, which it keeps open. */
export function commandInput(
  id: RunId,
  { standardInput, terminal }: CommandSpec,
  attempt: Attempt,
  closeTheirs: () => Promise<void>,
): CommandInput {
  if (terminal) {
    const keys = inputPipe(attempt.keys)
    const sizes = inputPipe(attempt.size)
    return {
      send: (bytes, signal) => keys.send(bytes, signal),
      end: (signal) => keys.send(END_OF_TYPING, signal),
      resize: ({ columns, rows }, signal) =>
        sizes.send(new TextEncoder().encode(`${columns} ${rows}\n`), signal),
      close(reason) {
        keys.close(reason)
        sizes.close(reason)
      },
    }
  }
  const resize = (): Promise<void> =>
    Promise.reject(failed('invalid-params', `Run ${id} has no terminal whose size could be changed.`))
  if (standardInput?.kind !== 'open') {
    const refuse = (): Promise<void> =>
      Promise.reject(
        failed('invalid-params', `Run ${id} was started without a standard input that can be sent to.`),
      )
    return { send: refuse, end: refuse, resize, close: () => undefined }
  }
  const pipe = inputPipe(attempt.input)
  return {
    send: (bytes, signal) => pipe.send(bytes, signal),
    async end() {
      pipe.close(failed('invalid-params', `The standard input of run ${id} is closed.`))
      await closeTheirs()
    },
    resize,
    close: (reason) => pipe.close(reason),
  }
}
