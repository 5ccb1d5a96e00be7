import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

/** What a finished program left behind. */
export type CommandResult = {
  /** The exit code, or null when a signal ended the program. */
  code: number | null
  stdout: string
  stderr: string
}

export type CommandOptions = {
  signal: AbortSignal
  cwd?: string
  /** Replaces the whole environment. */
  env?: NodeJS.ProcessEnv
}

/**
 * Runs a program without a shell, keeps its output, and waits until it has ended and both streams are closed. An abort
 * sends SIGTERM to it and everything it started (a compiler below make would hold the streams open otherwise), and is
 * reported once they have ended.
 *
 * @param file name on the path, or absolute path
 * @param programArguments passed as they are
 * @returns the result, whatever the exit code was
 * @throws the signal's reason after an abort; Node's error (`ENOENT` and others) when the program cannot be started
 */
export async function runCommand(
  file: string,
  programArguments: readonly string[],
  { signal, cwd, env }: CommandOptions,
): Promise<CommandResult> {
  signal.throwIfAborted()
  const ownsGroup = process.platform !== 'win32'
  const child = spawn(file, programArguments, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: ownsGroup,
    windowsHide: true,
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
  })
  const stop = (): void => {
    if (child.pid !== undefined && ownsGroup) process.kill(-child.pid, 'SIGTERM')
    else child.kill('SIGTERM')
  }
  signal.addEventListener('abort', stop, { once: true })
  try {
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
    signal.throwIfAborted()
    return { code, stdout, stderr }
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
