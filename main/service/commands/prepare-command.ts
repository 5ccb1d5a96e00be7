import { randomUUID } from 'node:crypto'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import type { CommandRun, CommandSpec, RunId } from '#contract/run.ts'
import { RequestFailed } from '#kit/request-failed.ts'
import type {
  Environment,
  Invocation,
  Platform,
  WrapperPrograms,
  WrapperStart,
} from '../platform/platform.ts'
import { systemCode } from '../platform/system-code.ts'
import type { Pumps } from '../pipes/pumps.ts'
import type { Vault } from '../secrets/vault.ts'
import type { Attempt } from './attempt.ts'
import { reasonNotToTry, type Start } from './check-start.ts'
import { commandEnvironment } from './command-environment.ts'
import { wrapperInput } from './wrapper-input.ts'

export interface PrepareOptions {
  readonly platform: Platform
  /** Outside any archive. */
  readonly wrapper: WrapperPrograms
  /** The environment that Offloop was started with. */
  readonly environment: Environment
  readonly pipes: Pick<Pumps, 'endsOf'>
  /** The whole environment that a run's asker has given it, as the vault has stored it; undefined for Offloop's own. */
  readonly environmentOf: (id: RunId) => Promise<string | undefined>
  /** Opens the secrets of its environment. */
  readonly vault: Pick<Vault, 'openChanges' | 'readEnvironment'>
}

/** What a start needs. */
export interface Prepared {
  readonly wrapped: WrapperStart
  readonly start: Start
}

/** Makes everything ready for the start of a command, its folder too, or says why there will be none. */
export async function prepareCommand(
  run: CommandRun,
  attempt: Attempt,
  options: PrepareOptions,
): Promise<Prepared | string> {
  const { platform, wrapper, pipes } = options
  const { spec } = run
  const marker = randomUUID()
  const readable = await readEnvironment(run, options)
  if ('message' in readable) return readable.message
  const commandsOwn = commandEnvironment(readable.base, readable.changes, spec.terminal, marker)
  const command = invocationOf(platform, spec, commandsOwn)
  const { standardInput, folder } = spec
  const terminal = spec.terminal ?? (spec.separateErrors ? 'apart' : null)
  const start = { command, folder, standardInput, environment: commandsOwn }
  const reason = await reasonNotToTry(platform, start)
  if (reason !== undefined) return reason
  const ends = await pipes.endsOf(run)
  const piped = { ...spec, standardInput: { kind: 'file' as const, path: ends.input ?? '' } }
  const input = wrapperInput(ends.input === undefined ? spec : piped, attempt)
  const wrapped = platform.wrapper(wrapper, attempt.folder, folder, input, terminal, command)
  if (!wrapped) return 'Commands cannot be run on this system yet. Queries can.'
  try {
    await mkdir(attempt.folder, { recursive: true, mode: 0o700 })
    if (standardInput?.kind === 'text') await writeFile(attempt.input, standardInput.text, { mode: 0o600 })
    if (ends.output !== undefined) await symlink(ends.output, attempt.stdout)
  } catch (error) {
    return (
      `The folder for its output, "${attempt.folder}", could not be made (${systemCode(error) || String(error)}). ` +
      'Free some space there or mend its permissions, and start the command again.'
    )
  }
  return { wrapped, start }
}

/** What its environment is made of; a message when its secrets are not known any more. */
async function readEnvironment(
  { id, spec }: CommandRun,
  { environment, environmentOf, vault }: PrepareOptions,
) {
  try {
    const stored = await environmentOf(id)
    const base = stored === undefined ? environment : await vault.readEnvironment(stored)
    return { base, changes: await vault.openChanges(spec.environment) }
  } catch (error) {
    if (!(error instanceof RequestFailed) || error.code !== 'not-found') throw error
    return { message: error.message }
  }
}

function invocationOf(platform: Platform, { command }: CommandSpec, environment: Environment): Invocation {
  switch (command.kind) {
    case 'program':
      return { program: command.program, args: command.args }
    case 'shell':
      return platform.shell(command.line, environment)
    default:
      return command satisfies never
  }
}
