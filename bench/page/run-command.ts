import { isFinal, type CommandRun, type RunId } from '#contract/run.ts'
import { readToEnd } from './read-to-end.ts'
import type { Sessions } from './sessions.ts'

/** What a command gave and how long it took. */
export interface CommandOutcome {
  readonly id: RunId
  readonly state: CommandRun['state']
  readonly bytes: number
  readonly lines: number
  /** From asking for the command until its last line could be read, in milliseconds. */
  readonly indexedAfterMs: number
}

/** A line of the shell and the working folder for it. */
export interface CommandRequest {
  readonly line: string
  /** Absolute path. */
  readonly folder: string
}

/** Starts a line of the shell as a command. */
export async function startCommand({ service }: Sessions, { line, folder }: CommandRequest): Promise<RunId> {
  const command = { kind: 'shell', line } as const
  const { id } = await service.call('command.run', { kind: 'command', command, folder, environment: {} })
  return id
}

/** Runs a line of the shell as a command and waits until it has ended and all of its output is indexed. */
export async function runCommand(sessions: Sessions, request: CommandRequest): Promise<CommandOutcome> {
  const start = performance.now()
  const id = await startCommand(sessions, request)
  const ended = waitForEnd(sessions, id)
  const { bytes, lines } = await readToEnd(sessions.service.stream('output.watch', { id }))
  const indexedAfterMs = performance.now() - start
  const { state } = await ended
  return { id, state, bytes, lines, indexedAfterMs }
}

/** Resolves with a command's run once its state is final. */
async function waitForEnd({ service }: Sessions, id: RunId): Promise<CommandRun> {
  const changes = service.stream('runs.watch', {})[Symbol.asyncIterator]()
  let next = changes.next()
  for (;;) {
    const run = await service.call('run.get', { id })
    if (run.kind === 'command' && isFinal(run.state)) {
      // The change that is still waited for will not come.
      next.catch(() => undefined)
      await changes.return?.()
      return run
    }
    await next
    next = changes.next()
  }
}
