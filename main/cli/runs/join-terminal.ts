import type { RunId } from '#contract/run.ts'
import type { ServiceContract } from '#contract/service.ts'
import type { Client } from '#kit/client.ts'
import { sendInput } from './send-input.ts'

/** Whose terminal it is, and until when. */
export interface TerminalOptions {
  readonly input: NodeJS.ReadStream
  /** Aborted once the run has ended. */
  readonly signal: AbortSignal
  /** Told of a failure to send what was typed. */
  readonly onTrouble: (error: unknown) => void
}

/** Whether somebody sits at this terminal, and not a script. */
export function isTerminal(input: NodeJS.ReadStream): boolean {
  return input.isTTY && process.stdout.isTTY
}

/**
 * Joins the terminal that somebody sits at to that of a command that runs, until the signal is aborted: keys go there as they
 * are, Ctrl-C among them, and so does each change of its size.
 */
export function joinTerminal(
  client: Client<ServiceContract>,
  id: RunId,
  { input, signal, onTrouble }: TerminalOptions,
): void {
  // A short command may have ended before this.
  if (signal.aborted) return
  const { stdout } = process
  const tell = (error: unknown): void => {
    if (!signal.aborted) onTrouble(error)
  }
  const resize = (): void => {
    const size = { columns: stdout.columns, rows: stdout.rows }
    client.call('terminal.resize', { id, size }, { signal }).catch(tell)
  }
  // However this process ends: a shell in a terminal without echo is of no use to anybody.
  const giveBack = (): void => void input.setRawMode(false)
  input.setRawMode(true)
  process.once('exit', giveBack)
  stdout.on('resize', resize)
  signal.addEventListener('abort', () => {
    giveBack()
    process.removeListener('exit', giveBack)
    stdout.removeListener('resize', resize)
  })
  sendInput(client, id, input, false, signal).catch(tell)
}
