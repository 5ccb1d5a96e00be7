import { spawn, type ChildProcess } from 'node:child_process'
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import type { Environment, Invocation } from '../platform/platform.ts'
import { systemCode } from '../platform/system-code.ts'
import { readIfThere, type Attempt } from './attempt.ts'
import { parseRefusal, type Refusal } from './outcome.ts'
import { takeTurn } from './take-turn.ts'

/** How a start went. */
export type Launched =
  | { readonly kind: 'started'; readonly pid: number; readonly wrapperEnded: Promise<void> }
  | Refusal
  /** The wrapper itself did not work; `message` says why. */
  | { readonly kind: 'broken'; readonly message: string }

/**
 * Starts a command's wrapper and waits for its first word.
 * @param environment of the command, in the form that is safe for the wrapper.
 */
export async function launch(
  wrapper: Invocation,
  attempt: Attempt,
  environment: Environment,
): Promise<Launched> {
  const trouble = await open(attempt.trouble, 'a', 0o600)
  try {
    await takeTurn()
    const child = spawnWrapper(wrapper, environment, trouble.fd)
    if (child instanceof Error) return broken(wrapper, child)
    const failure = new Promise<Error>((resolve) => child.once('error', resolve))
    const wrapperEnded = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    const first = await Promise.race([failure, firstWord(child.stdout)])
    if (first instanceof Error) return broken(wrapper, first)
    const [kind, value = '', code = ''] = first.trim().split(' ')
    if (kind === 'started') return { kind, pid: Number(value), wrapperEnded }
    const refusal = kind === 'refused' ? parseRefusal(value, code) : undefined
    if (refusal) return refusal
    await wrapperEnded
    const complaint = (await readIfThere(attempt.trouble))?.trim() || 'it ended without a word'
    return {
      kind: 'broken',
      message: `The process that watches over a command could not work: ${complaint}.`,
    }
  } finally {
    await trouble.close()
  }
}

/** Some refusals of the system come as an event, others are thrown. */
function spawnWrapper(
  { program, args }: Invocation,
  environment: Environment,
  trouble: number,
): ChildProcess | Error {
  try {
    return spawn(program, args, {
      detached: true,
      // Not the command's folder, and not the app's: the wrapper must keep neither from being unmounted.
      cwd: '/',
      env: { ...environment },
      stdio: ['ignore', 'pipe', trouble],
    })
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** All that the wrapper says: it closes the pipe after its only line. */
async function firstWord(stdout: Readable | null): Promise<string> {
  let text = ''
  if (!stdout) return text
  for await (const chunk of stdout) text += String(chunk)
  return text
}

function broken({ program }: Invocation, error: Error): Launched {
  const code = systemCode(error)
  switch (code) {
    case 'ENOENT':
      return {
        kind: 'broken',
        message: `Commands need the program "${program}", which was not found. Install it (it is part of most systems) and start the command again.`,
      }
    case 'E2BIG':
      return {
        kind: 'broken',
        message:
          'The arguments and environment of this command are longer than this system takes. Put them into a file.',
      }
    case 'ERR_INVALID_ARG_VALUE':
      return {
        kind: 'broken',
        message:
          'The command, its arguments or its environment contain a zero byte, which no system takes. Remove it.',
      }
    default:
      return {
        kind: 'broken',
        message: `The system did not start another process (${code || error.message}). Try again later.`,
      }
  }
}
