import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CommandRun, RunId } from '#contract/run.ts'

/** What a run of the chaos does, all of it told by its name: so anybody can say afterwards what should have come of it. */
interface Plan {
  readonly name: string
  readonly lines: number
  readonly exitCode: number
  readonly pauseMs: number
}

const MAX_LINES = 2_000
const EXIT_CODES = 7
const MAX_PAUSE_MS = 1_500

/** A plan for a command. @param chance between 0 and 1 */
export function makePlan(number: number, chance: () => number): Plan {
  const lines = 1 + Math.floor(chance() * MAX_LINES)
  const exitCode = Math.floor(chance() * EXIT_CODES)
  const pauseMs = Math.floor(chance() ** 3 * MAX_PAUSE_MS)
  return { name: `${number}-${lines}-${exitCode}`, lines, exitCode, pauseMs }
}

/** The line for /bin/sh: says once that it has begun, writes half of its output, pauses, writes the rest and exits. */
export function lineOf({ name, lines, exitCode, pauseMs }: Plan, folder: string): string {
  const half = Math.floor(lines / 2)
  const begin = `echo begun >> '${join(folder, name)}'`
  return `${begin}; seq 1 ${half}; sleep ${pauseMs / 1_000}; seq ${half + 1} ${lines}; exit ${exitCode}`
}

/** Makes the folder in which each run says that it has begun. */
export async function begunFolder(folder: string): Promise<string> {
  const begun = join(folder, 'begun')
  await mkdir(begun, { recursive: true })
  return begun
}

/** What was done to runs from outside. */
export interface Done {
  readonly killedCommands: ReadonlySet<RunId>
  readonly killedWrappers: ReadonlySet<RunId>
}

/** @returns what is wrong with a run that has ended, in words; undefined when all promises were kept. */
export async function wrongWith(
  run: CommandRun,
  begunIn: string,
  runs: string,
  { killedCommands, killedWrappers }: Done,
): Promise<string | undefined> {
  const line = run.spec.command.kind === 'program' ? (run.spec.command.args[1] ?? '') : ''
  const name = /begun\/([\d-]+)'/.exec(line)?.[1] ?? ''
  const [, lines = '0', exitCode = '0'] = name.split('-')
  const begun = await textOf(join(begunIn, name))
  if (begun !== '' && begun !== 'begun\n') return `began ${begun.split('\n').length - 1} times`
  const output = await textOf(join(runs, String(run.id), String(run.attempt), 'output'))
  const expected = Array.from({ length: Number(lines) }, (_, index) => `${index + 1}\n`).join('')
  const { state } = run
  switch (state.kind) {
    case 'done':
    case 'failed': {
      const found = state.kind === 'done' ? 0 : state.cause.kind === 'exit' ? state.cause.exitCode : NaN
      if (found !== Number(exitCode)) return `ended with ${found} instead of ${exitCode}`
      if (begun === '') return 'has an end and no beginning'
      return sha256(output) === sha256(expected) ? undefined : 'has not the output that it wrote'
    }
    case 'killed':
      if (!killedCommands.has(run.id)) return `was killed by signal ${state.signal}, and nobody did that`
      return expected.startsWith(output) ? undefined : 'has an output that it has not written'
    case 'lost':
      if (!killedWrappers.has(run.id)) return `is lost, and its wrapper was left alone: ${state.message}`
      if (state.message === '') return 'is lost and does not say why'
      return expected.startsWith(output) ? undefined : 'has an output that it has not written'
    case 'interrupted':
      return begun === '' ? undefined : 'is said not to have begun, and it did'
    case 'queued':
    case 'running':
    case 'paused':
    case 'cancelled':
    case 'timed-out':
    case 'failed-to-spawn':
    case 'dependency-failed':
      return `is ${state.kind}`
    default:
      return state satisfies never
  }
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
