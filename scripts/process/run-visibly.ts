import { spawn } from 'node:child_process'
import { isAbsolute } from 'node:path'
import { exitCode } from '../bootstrap/exit-code.mjs'

export type VisibleOptions = {
  cwd: string
  signal: AbortSignal
  /** Added to this process's environment; what is undefined is left out of it. */
  env?: Record<string, string | undefined>
  /** Keeps signals of the terminal away from the program, so that it gets only the one that an abort sends. */
  ownGroup?: boolean
}

/**
 * Runs one of the project's tools with the terminal as its own input and output. An abort sends it SIGTERM, and the
 * promise settles when it has ended.
 *
 * @param tool its name in node_modules/.bin, or a program on the path
 * @returns its exit code, 128 and the signal's number when a signal ended it
 * @throws Node's error (`ENOENT` and others) when it cannot be started
 */
export async function runVisibly(
  tool: string,
  toolArguments: readonly string[],
  { cwd, signal, env = {}, ownGroup = false }: VisibleOptions,
): Promise<number> {
  signal.throwIfAborted()
  const child = spawn(tool, toolArguments, {
    cwd,
    stdio: 'inherit',
    env: { ...process.env, ...env },
    detached: ownGroup && process.platform !== 'win32',
    // The tools in node_modules/.bin are .cmd files there, which Node starts through a shell only.
    shell: process.platform === 'win32' && !isAbsolute(tool),
  })
  const stop = (): void => void child.kill('SIGTERM')
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, endedBy) => resolve(exitCode(code, endedBy)))
    })
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
