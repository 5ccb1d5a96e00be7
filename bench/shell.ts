import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

/**
 * Runs a program to its end.
 * @param output an open file that takes its output, which is thrown away otherwise.
 * @returns how long it took, in milliseconds, from before its start until its end.
 * @throws Error when it cannot be started or does not end with 0.
 */
export async function timeProgram(
  program: string,
  programArguments: readonly string[],
  signal: AbortSignal,
  output: number | 'ignore' = 'ignore',
): Promise<number> {
  const start = performance.now()
  const child = spawn(program, programArguments, { stdio: ['ignore', output, 'inherit'], signal })
  const [code] = (await once(child, 'exit')) as [number | null]
  const took = performance.now() - start
  if (code !== 0) throw new Error(`${program} ended with ${String(code)}.`)
  return took
}

/** Runs a program to its end. @returns what it printed. @throws Error when it cannot be started or does not end with 0. */
export async function outputOf(
  program: string,
  programArguments: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const child = spawn(program, programArguments, { stdio: ['ignore', 'pipe', 'inherit'], signal })
  const [printed, [code]] = await Promise.all([
    text(child.stdout),
    once(child, 'exit') as Promise<[number | null]>,
  ])
  if (code !== 0) throw new Error(`${program} ended with ${String(code)}.`)
  return printed
}
