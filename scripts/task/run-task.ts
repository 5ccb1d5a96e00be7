import { join } from 'node:path'
import { SetupFailure } from '../runtime/setup-failure.ts'

const EXIT_FAILED = 1

/** What every task is given. */
export type TaskContext = {
  /** The checkout's folder. */
  root: string
  /** The arguments after the task's name. */
  taskArguments: readonly string[]
  /** Aborts on SIGINT and SIGTERM; a task ends what it started and returns. */
  signal: AbortSignal
  /** Writes a line for the person who typed the command. */
  say: (line: string) => void
}

/**
 * Runs a task to its end and sets the exit code. A SetupFailure is shown as its message alone; any other error is a
 * defect and shown whole.
 *
 * @param task returns the exit code
 */
export async function runTask(task: (context: TaskContext) => Promise<number>): Promise<void> {
  const stopped = new AbortController()
  // Ctrl-C comes twice, from the terminal and from npm: the second one finds the task stopping already.
  const stop = (): void => stopped.abort()
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  try {
    process.exitCode = await task({
      root: join(import.meta.dirname, '..', '..'),
      taskArguments: process.argv.slice(2),
      signal: stopped.signal,
      say: (line) => process.stdout.write(`${line}\n`),
    })
  } catch (error) {
    process.exitCode = EXIT_FAILED
    if (stopped.signal.aborted) process.stderr.write('Stopped.\n')
    else if (error instanceof SetupFailure) process.stderr.write(`${error.message}\n`)
    else throw error
  } finally {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
}
