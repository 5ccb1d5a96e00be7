import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { getuid } from 'node:process'
import { canRun } from '../scripts/process/can-run.ts'
import { ensureSystemPackages } from '../scripts/runtime/system-packages.ts'
import { timeProgram } from './shell.ts'

/** The sqlite3 shell is what a person would use otherwise, and so what queries are compared with. */
const SHELL = 'sqlite3'

/** Sees to it that the sqlite3 shell is there. @throws SetupFailure `missing-packages` with the command that installs it. */
export async function ensureSqliteShell(signal: AbortSignal, say: (line: string) => void): Promise<void> {
  await ensureSystemPackages({
    find: async () =>
      (await canRun(SHELL, '-version', signal))
        ? []
        : [{ what: 'the sqlite3 shell', debian: ['sqlite3'], rpm: 'sqlite' }],
    forWhat: 'a comparison with the sqlite3 shell',
    isRoot: getuid?.() === 0,
    signal,
    say,
  })
}

/** How long the shell takes to start, run a query and write all its rows as CSV to nowhere, in milliseconds. */
export function timeShellQuery(database: string, sql: string, signal: AbortSignal): Promise<number> {
  return timeProgram(SHELL, ['-csv', '-readonly', database, sql], signal)
}

/**
 * How long the shell takes to start, run a query and write all its rows as CSV into a file, in milliseconds.
 * @param file absolute path of a file that is not there yet.
 */
export async function timeShellExport(
  database: string,
  sql: string,
  file: string,
  signal: AbortSignal,
): Promise<number> {
  const output = await open(file, 'wx')
  try {
    return await timeProgram(SHELL, ['-csv', '-readonly', database, sql], signal, output.fd)
  } finally {
    await output.close()
  }
}

/** @returns milliseconds from starting the shell to the first line of a query. */
export async function timeFirstLine(database: string, sql: string, signal: AbortSignal): Promise<number> {
  const start = performance.now()
  const child = spawn(SHELL, ['-csv', '-readonly', database, sql], {
    stdio: ['ignore', 'pipe', 'inherit'],
    signal,
  })
  await once(child.stdout, 'data')
  const took = performance.now() - start
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
  return took
}
