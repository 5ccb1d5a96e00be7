import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isFinal, type CommandRun, type Run, type RunId } from '#contract/run.ts'
import { RequestFailed } from '#kit/request-failed.ts'
import type { Offloop } from '../offloop.ts'
import { areGone, processesOf, until } from '../processes.ts'
import { must } from './fault.ts'

/** A start on a machine under load, in milliseconds; what it took is told. */
export const BACK_MS = 60_000
/** Longer than a willing command gets to end. */
export const STOP_MS = 60_000

/** Starts a line for /bin/sh. */
export async function start(offloop: Offloop, line: string): Promise<RunId> {
  const command = { kind: 'program' as const, program: '/bin/sh', args: ['-c', line] }
  const spec = { kind: 'command' as const, command, folder: '/', environment: {} }
  return (await (await offloop.reach()).call('command.run', spec)).id
}

export async function runOf(offloop: Offloop, id: RunId): Promise<CommandRun> {
  const run = await (await offloop.reach()).call('run.get', { id })
  if (run.kind !== 'command') throw new Error(`Run ${id} is a ${run.kind}.`)
  return run
}

/** Waits until a command has ended. */
export async function final(offloop: Offloop, id: RunId): Promise<CommandRun> {
  await (await offloop.reach()).call('runs.wait', { ids: [id], until: 'all', deadlineMs: STOP_MS })
  const run = await runOf(offloop, id)
  must(isFinal(run.state), `run ${id} has not ended`)
  return run
}

/** Waits until Offloop answers. @returns after how long, in milliseconds. */
export async function back(offloop: Offloop): Promise<number> {
  const took = await until(BACK_MS, async () => {
    try {
      await (await offloop.reach()).call('app.describe', {})
      return true
    } catch (error) {
      // A service that cannot use its database is there, and says so.
      if (error instanceof RequestFailed && error.failure.code === 'database') return true
      offloop.lose()
      return false
    }
  })
  must(took !== undefined, `it was not back after ${BACK_MS} ms`)
  return took
}

/** Ends Offloop as a person does. */
export async function ended(offloop: Offloop): Promise<void> {
  const { all } = await processesOf(offloop.profile)
  await (await offloop.reach()).call('app.quit', {})
  offloop.lose()
  const gone = await until(BACK_MS, () => areGone(all))
  must(gone !== undefined, 'it does not quit')
}

/** Runs statements, one after the other on one connection, on a SQLite file. @returns how the run ended. */
export async function script(
  offloop: Offloop,
  database: string,
  statements: readonly string[],
  { signal, mode = 'read-write' }: { signal?: AbortSignal; mode?: 'read-only' | 'read-write' } = {},
): Promise<Run> {
  const sql = statements.join(';\n')
  let from = 0
  const spans = statements.map((statement): [number, number] => {
    const span: [number, number] = [from, from + statement.length]
    from = span[1] + ';\n'.length
    return span
  })
  const stream = (await offloop.reach()).stream(
    'script.run',
    { kind: 'query', database, mode, sql, statements: spans },
    signal ? { signal } : {},
  )
  for await (const item of stream) if (item.kind === 'notices') break
  return stream.result
}

/** What a question got: nothing wrong, or the code and the message of its failure. */
export async function answerOf(question: Promise<unknown>): Promise<{ code: string; message: string }> {
  try {
    await question
    return { code: 'answered', message: '' }
  } catch (error) {
    if (error instanceof RequestFailed) return error.failure
    return { code: 'unknown', message: error instanceof Error ? error.message : String(error) }
  }
}

export function outputPath(offloop: Offloop, id: RunId): string {
  return join(offloop.profile, 'runs', String(id), '1', 'output')
}

export function output(offloop: Offloop, id: RunId): Promise<string> {
  return readFile(outputPath(offloop, id), 'utf8').catch(() => '')
}

export function exitCodeOf({ state }: CommandRun): number | undefined {
  if (state.kind === 'done') return 0
  return state.kind === 'failed' && state.cause.kind === 'exit' ? state.cause.exitCode : undefined
}
