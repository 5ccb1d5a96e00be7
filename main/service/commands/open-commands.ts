import { randomUUID } from 'node:crypto'
import { mkdir, stat, symlink, writeFile } from 'node:fs/promises'
import {
  isFinal,
  type CancelHow,
  type CommandRun,
  type CommandSpec,
  type RunId,
  type RunState,
} from '#contract/run.ts'
import type { TerminalSize } from '#contract/terminal.ts'
import { failed, failureOf, RequestFailed } from '#kit/request-failed.ts'
import type { Outputs } from '../output/open-outputs.ts'
import {
  CLOSE_INPUT,
  type Environment,
  type Invocation,
  type Platform,
  type ProcessIdentity,
} from '../platform/platform.ts'
import { systemCode } from '../platform/system-code.ts'
import type { Pumps } from '../pipes/pumps.ts'
import type { RunStore } from '../runs/run-store.ts'
import type { Vault } from '../secrets/vault.ts'
import { adoptedEnd } from './adopted-end.ts'
import { attemptOf, readIdentity, readIfThere, type Attempt } from './attempt.ts'
import {
  folderRefused,
  inputRefused,
  programRefused,
  reasonAgainst,
  reasonNotToTry,
  type Start,
} from './check-start.ts'
import { claimUnstarted, commandRecord } from './claim-unstarted.ts'
import { commandEnvironment } from './command-environment.ts'
import { commandInput, type CommandInput } from './command-input.ts'
import { finalState } from './final-state.ts'
import { continueCommand, haltCommand } from './halt.ts'
import { openLauncher, type LaunchEnd } from './open-launcher.ts'
import { howStopped, readOutcome, type Refusal } from './outcome.ts'
import { processTree } from './process-tree.ts'
import { DEFAULT_GRACE_MS, stopCommand } from './stop.ts'
import { wrapperInput } from './wrapper-input.ts'

export interface CommandsOptions {
  readonly runs: RunStore
  readonly outputs: Outputs
  readonly platform: Platform
  /** Absolute path of the folder in which each command run has one; the same that the outputs have. */
  readonly folder: string
  /** Absolute path of the wrapper's source, outside any archive. */
  readonly wrapper: string
  /** The environment that Offloop was started with. */
  readonly environment: Environment
  /** What a command gets to end by itself when it is stopped, in milliseconds. */
  readonly graceMs?: number
  readonly pipes: Pick<Pumps, 'endsOf' | 'isInputBroken'>
  /** The whole environment that a run's asker has given it, as the vault has stored it; undefined for Offloop's own. */
  readonly environmentOf: (id: RunId) => Promise<string | undefined>
  /** Opens the secrets of its environment. */
  readonly vault: Pick<Vault, 'openChanges' | 'readEnvironment'>
  /** Told when a command has begun, and its run says so. */
  readonly onStarted: (id: RunId) => void
  /** Told how a command has ended, or that it could not begin; resolves once that is dealt with. */
  readonly onEnded: (id: RunId, state: RunState) => Promise<void>
  /** Told of what went wrong inside Offloop itself; meant for the log. */
  readonly onTrouble: (message: string, cause?: unknown) => void
}

/** Every command that runs, from before its start to after its end. */
export interface Commands {
  /**
   * Starts a command in its present attempt. Resolves once it has begun, or could not: that has ended it then.
   * @param intended resolves once the intent is on disk; nothing is started before.
   */
  start(run: CommandRun, intended: Promise<unknown>): Promise<void>
  /**
   * Stops a command with all its descendants; resolves once none of them is left and its end is dealt with. One that has
   * ended already is left as it is.
   */
  stop(id: RunId): Promise<void>
  /** As `stop`, without giving it time to end by itself; also when it is being stopped already. */
  kill(id: RunId): Promise<void>
  /** Halts a command with all its descendants. @returns whether it is halted: not when it ended or is being stopped. */
  halt(id: RunId): Promise<boolean>
  /** Lets a halted command go on. @returns whether it does. */
  resume(id: RunId): Promise<boolean>
  /**
   * Sends to the standard input of a command that runs, and closes it after that when `end` says so. Resolves once the
   * system has taken all of it.
   * @throws RequestFailed `not-found`, `invalid-params` when the command has none that is open.
   */
  send(id: RunId, bytes: Uint8Array, end: boolean, signal: AbortSignal): Promise<void>
  /** Changes the size of a command's terminal. @throws RequestFailed as `send`. */
  resize(id: RunId, size: TerminalSize): Promise<void>
  /** Whether anything that an attempt has started is still alive. */
  leftovers(run: CommandRun): Promise<boolean>
  /** Finds out what became of a command that an earlier service has left, and takes it over if it lives. */
  reconcile(run: CommandRun): Promise<void>
  /** Ends the watching; the commands go on. */
  close(): void
}

/** A command that has begun and whose end is not written yet. */
interface LiveCommand {
  readonly id: RunId
  readonly spec: CommandSpec
  /** Of its attempt. */
  readonly number: number
  readonly attempt: Attempt
  readonly startedAt: number
  readonly wrapper: ProcessIdentity | undefined
  readonly leader: ProcessIdentity | undefined
  /** Set once its stop was asked for. */
  stopped: Promise<CancelHow> | undefined
  /** Aborted once it was asked that it be stopped without grace. */
  readonly hurry: AbortController
  /** Its final state is being written: too late to stop it. */
  ending: boolean
  readonly input: CommandInput
}

/** What a start needs. */
interface Prepared {
  readonly attempt: Attempt
  readonly wrapped: Invocation
  readonly start: Start
}

/** A command that has not begun. */
interface StartingCommand {
  unwanted: boolean
  readonly begun: Promise<void>
}

/** Opens the commands over the run store and the folder of their attempts. */
export function openCommands(options: CommandsOptions): Commands {
  const {
    runs,
    outputs,
    platform,
    folder,
    wrapper,
    environment,
    environmentOf,
    pipes,
    vault,
    onStarted,
    onEnded,
    onTrouble,
  } = options
  const graceMs = options.graceMs ?? DEFAULT_GRACE_MS
  const starting = new Map<RunId, StartingCommand>()
  /** Each with the promise of its end. */
  const live = new Map<RunId, { readonly command: LiveCommand; readonly concluded: Promise<void> }>()
  const closing = new AbortController()
  const launcher = openLauncher()

  /** A step that happened, whether the disk takes it now or later: the run store tries again. */
  async function note(id: RunId, state: RunState): Promise<void> {
    try {
      await runs.transition(id, state)
    } catch (error) {
      onTrouble(`The state "${state.kind}" of run ${id} could not be written.`, error)
      const run = await runs.get(id)
      if (run?.state.kind !== state.kind) throw error
    }
  }

  const notSpawned = (id: RunId, message: string): Promise<void> =>
    onEnded(id, { kind: 'failed-to-spawn', endedAt: Date.now(), message })

  /** What its environment is made of; a message when its secrets are not known any more. */
  async function readEnvironment({ id, spec }: CommandRun) {
    try {
      const stored = await environmentOf(id)
      const base = stored === undefined ? environment : await vault.readEnvironment(stored)
      return { base, changes: await vault.openChanges(spec.environment) }
    } catch (error) {
      if (!(error instanceof RequestFailed) || error.code !== 'not-found') throw error
      return { message: error.message }
    }
  }

  /** Makes everything ready for a start, or says why there will be none. */
  async function prepare(run: CommandRun): Promise<Prepared | string> {
    const { id, spec, attempt: number } = run
    const attempt = attemptOf(folder, id, number)
    const marker = randomUUID()
    const readable = await readEnvironment(run)
    if ('message' in readable) return readable.message
    const commandsOwn = commandEnvironment(readable.base, readable.changes, spec.terminal, marker)
    const command = invocationOf(platform, spec, commandsOwn)
    const { standardInput, terminal = null, folder: workingFolder } = spec
    const start = { command, folder: workingFolder, standardInput, environment: commandsOwn }
    const reason = await reasonNotToTry(platform, start)
    if (reason !== undefined) return reason
    const ends = await pipes.endsOf(run)
    const piped = { ...spec, standardInput: { kind: 'file' as const, path: ends.input ?? '' } }
    const input = wrapperInput(ends.input === undefined ? spec : piped, attempt)
    const wrapped = platform.wrapper(wrapper, attempt.folder, workingFolder, input, terminal, command)
    if (!wrapped) return 'Commands cannot be run on this system yet. Queries can.'
    try {
      await mkdir(attempt.folder, { recursive: true, mode: 0o700 })
      await writeFile(attempt.intent, marker, { mode: 0o600 })
      if (standardInput?.kind === 'text') await writeFile(attempt.input, standardInput.text, { mode: 0o600 })
      if (ends.output !== undefined) await symlink(ends.output, attempt.stdout)
    } catch (error) {
      return (
        `The folder for its output, "${attempt.folder}", could not be made (${systemCode(error) || String(error)}). ` +
        'Free some space there or mend its permissions, and start the command again.'
      )
    }
    return { attempt, wrapped, start }
  }

  async function begin(
    run: CommandRun,
    intended: Promise<unknown>,
    mine: { unwanted: boolean },
  ): Promise<void> {
    const { id, spec, attempt: number } = run
    // While the disk takes the intent: it is slower than all of this.
    const [prepared] = await Promise.all([prepare(run), intended])
    if (typeof prepared === 'string') return notSpawned(id, prepared)
    const { attempt, wrapped, start } = prepared
    if (mine.unwanted)
      return onEnded(id, { kind: 'cancelled', endedAt: Date.now(), durationMs: 0, how: 'before-start' })

    const launched = await launcher.launch(wrapped, attempt, start.environment)
    switch (launched.kind) {
      case 'broken':
        return notSpawned(id, launched.message)
      case 'refused': {
        const why = await reasonAgainst(platform, start)
        return notSpawned(id, why ?? refusalMessage(spec, launched, start.command.program))
      }
      case 'started': {
        const { wrapper: watcher, command: leader } = launched
        const startedAt = Date.now()
        const state = {
          kind: 'running' as const,
          startedAt,
          pid: leader.pid,
          stopping: false,
          adopted: false,
        }
        const watched = { id, spec, number, attempt, startedAt, wrapper: watcher, leader }
        const written = note(id, state)
        onStarted(id)
        watchOver(
          watched,
          launched.ended.then(async (end): Promise<LaunchEnd | undefined> => {
            if (end.kind !== 'untold') return end
            const processes = [watcher, leader]
            return adoptedEnd({ platform, attempt, processes, signal: closing.signal })
          }),
        )
        return written
      }
      case 'untold':
        await reconcile(run)
        return onStarted(id)
      default:
        return launched satisfies never
    }
  }

  /** Follows a command from its beginning, or from its adoption, to its final state. */
  function watchOver(
    begun: Omit<LiveCommand, 'stopped' | 'hurry' | 'ending' | 'input'>,
    ended: Promise<LaunchEnd | undefined>,
  ): LiveCommand {
    const command: LiveCommand = {
      ...begun,
      stopped: undefined,
      hurry: new AbortController(),
      ending: false,
      input: commandInput(begun.id, begun.spec, begun.attempt, async () => {
        const { wrapper: watcher } = begun
        if (watcher && (await platform.isAlive(watcher))) platform.signal(watcher.pid, CLOSE_INPUT)
      }),
    }
    outputs.follow(command.id, command.number)
    // Another attempt may have begun by the time that this one is dealt with.
    const concluded = conclude(command, ended).finally(() => {
      if (live.get(command.id)?.command === command) live.delete(command.id)
    })
    live.set(command.id, { command, concluded })
    concluded.catch((error: unknown) => {
      if (!closing.signal.aborted) onTrouble(`The end of run ${command.id} could not be dealt with.`, error)
    })
    return command
  }

  async function conclude(command: LiveCommand, ended: Promise<LaunchEnd | undefined>): Promise<void> {
    const { id, attempt, startedAt, leader } = command
    const end = await ended
    let record = end?.kind === 'told' ? end : await readOutcome(attempt.exit)
    if (!record && leader && (await platform.isAlive(leader))) {
      // Its wrapper was killed: the command goes on, and can be stopped, but how it ends will not be known.
      await adoptedEnd({ platform, attempt, processes: [leader], signal: closing.signal })
      record = await readOutcome(attempt.exit)
    }
    command.input.close(hasEnded(id))
    runs.progress(id, await outputs.finish(id, command.number))
    const stopped = await command.stopped
    command.ending = true
    if (record) {
      const { outcome, endedAt } = record
      const refusal = outcome.kind === 'refused' ? refusalMessage(command.spec, outcome, 'command') : ''
      const last = finalState({ outcome, startedAt, endedAt: Math.max(endedAt, startedAt), stopped }, refusal)
      return onEnded(id, await asPiped(id, last))
    }
    const endedAt = Math.max(Date.now(), startedAt)
    if (stopped)
      return onEnded(id, {
        kind: 'cancelled',
        startedAt,
        endedAt,
        durationMs: endedAt - startedAt,
        how: stopped,
      })
    return onEnded(id, { kind: 'lost', startedAt, endedAt, message: await lostMessage(command) })
  }

  /** A command that has read less than was written for it, and could not know, has not done what it was to do. */
  async function asPiped(id: RunId, last: RunState): Promise<RunState> {
    const run = await runs.get(id)
    if (last.kind !== 'done' || run?.kind !== 'command' || !(await pipes.isInputBroken(run))) return last
    const { startedAt, endedAt, durationMs } = last
    const message =
      'The process that held the buffer before this command was ended from outside, so the command has read less than ' +
      'was written for it. Make the pipe again.'
    const cause = { kind: 'error' as const, failure: { code: 'host-lost' as const, message } }
    return { kind: 'failed', startedAt, endedAt, durationMs, cause }
  }

  async function lostMessage({ wrapper: watcher }: LiveCommand): Promise<string> {
    if (watcher && !(await platform.isSameBoot(watcher)))
      return 'The computer was restarted while this command ran. Its output until then is kept; how it ended is not known.'
    return (
      'The process that watched over this command was ended from outside, so how the command ended cannot be known. ' +
      'Its output is kept.'
    )
  }

  /** A command that something can be sent to, as far as it takes that. @throws RequestFailed */
  async function running(id: RunId): Promise<LiveCommand> {
    const command = live.get(id)?.command
    if (command && !command.ending) return command
    const run = await runs.get(id)
    if (!run) throw failed('not-found', `There is no run ${id}.`)
    if (command || isFinal(run.state)) throw hasEnded(id)
    throw failed(
      'invalid-params',
      `Run ${id} does not run yet, so nothing can be sent to it. Wait for its start.`,
    )
  }

  async function treeOf(command: Pick<LiveCommand, 'id' | 'attempt' | 'leader' | 'wrapper'>) {
    const marker = (await readIfThere(command.attempt.intent))?.trim()
    if (!marker) throw new Error(`The marker of run ${command.id} is gone.`)
    return { platform, leader: command.leader, marker, wrapperPid: command.wrapper?.pid ?? 0 }
  }

  function beginStop(command: LiveCommand): void {
    command.stopped ??= (async () =>
      stopCommand({ ...(await treeOf(command)), graceMs, hurry: command.hurry.signal }))()
    command.stopped.catch(() => undefined)
  }

  async function reconcile(run: CommandRun): Promise<void> {
    const { id, spec, state, attempt: number } = run
    const attempt = attemptOf(folder, id, number)
    const watcher = await claimUnstarted(attempt)
    if (!watcher) {
      const endedAt = Date.now()
      if (state.kind === 'queued') return onEnded(id, { kind: 'interrupted', endedAt })
      const message = `The records of this command in "${attempt.folder}" are gone, so what became of it cannot be known.`
      return onEnded(id, { kind: 'lost', endedAt, message })
    }
    const leader = await commandRecord(attempt, () => platform.isAlive(watcher))
    const record = await readOutcome(attempt.exit)
    if (record?.outcome.kind === 'refused' && state.kind === 'queued') {
      await notSpawned(id, refusalMessage(spec, record.outcome, 'command'))
      return
    }
    const processes = leader ? [watcher, leader] : [watcher]
    const alive = (await Promise.all(processes.map((identity) => platform.isAlive(identity)))).includes(true)
    const startedAt =
      state.kind === 'running' || state.kind === 'paused'
        ? state.startedAt
        : await writtenAt(leader ? attempt.command : attempt.wrapper)
    const stopping = state.kind === 'running' && state.stopping
    const adopted = !record && alive
    if (state.kind === 'paused') {
      if (adopted) await note(id, { ...state, adopted })
    } else if (adopted || state.kind !== 'running')
      await note(id, { kind: 'running', startedAt, ...(leader && { pid: leader.pid }), stopping, adopted })
    const ended = record
      ? Promise.resolve(undefined)
      : adoptedEnd({ platform, attempt, processes, signal: closing.signal })
    const command = watchOver({ id, spec, number, attempt, startedAt, wrapper: watcher, leader }, ended)
    if (!stopping) return
    if (record) command.stopped = Promise.resolve(howStopped(record.outcome))
    else beginStop(command)
  }

  /** Begins the stop of a command that runs, or waits for the one that was begun. */
  async function stop(id: RunId, inHurry: boolean): Promise<void> {
    const beginning = starting.get(id)
    if (beginning) {
      beginning.unwanted = true
      await beginning.begun
    }
    const found = live.get(id)
    const run = await runs.get(id)
    if (!found || !run) return
    const { command, concluded } = found
    if (inHurry) command.hurry.abort()
    if (!command.stopped && !command.ending) {
      beginStop(command)
      const { state } = run
      if (state.kind === 'running') await note(id, { ...state, stopping: true })
      else if (state.kind === 'paused') {
        const { startedAt, pid, adopted } = state
        const going = { startedAt, ...(pid !== undefined && { pid }), adopted }
        await note(id, { kind: 'running', ...going, stopping: true })
      }
    }
    await concluded
  }

  return {
    start(run, intended) {
      const { id } = run
      const mine = { unwanted: false }
      const begun = begin(run, intended, mine)
        .catch((error: unknown) => {
          onTrouble(`Run ${id} could not be started.`, error)
          return notSpawned(id, `The command could not be started: ${failureOf(error).message}`)
        })
        .finally(() => {
          if (starting.get(id) === entry) starting.delete(id)
        })
      const entry: StartingCommand = Object.assign(mine, { begun })
      starting.set(id, entry)
      return begun
    },

    stop: (id) => stop(id, false),
    kill: (id) => stop(id, true),

    async halt(id) {
      const found = live.get(id)
      if (!found || found.command.stopped || found.command.ending) return false
      const { command } = found
      if (!(await haltCommand(await treeOf(command)))) return false
      const run = await runs.get(id)
      if (run?.state.kind !== 'running' || run.state.stopping) return false
      const { startedAt, pid, adopted } = run.state
      await note(id, {
        kind: 'paused',
        startedAt,
        ...(pid !== undefined && { pid }),
        adopted,
        pausedAt: Date.now(),
      })
      return true
    },

    async resume(id) {
      const found = live.get(id)
      const run = await runs.get(id)
      if (!found || run?.state.kind !== 'paused') return false
      const { startedAt, pid, adopted } = run.state
      await note(id, {
        kind: 'running',
        startedAt,
        ...(pid !== undefined && { pid }),
        adopted,
        stopping: false,
      })
      await continueCommand(await treeOf(found.command))
      return true
    },

    async send(id, bytes, end, signal) {
      const { input } = await running(id)
      await input.send(bytes, signal)
      if (end) await input.end(signal)
    },
    async resize(id, size) {
      const { input } = await running(id)
      await input.resize(size, closing.signal)
    },

    async leftovers({ id, attempt: number }) {
      const attempt = attemptOf(folder, id, number)
      const marker = (await readIfThere(attempt.intent))?.trim()
      if (!marker) return false
      const leader = await readIdentity(attempt.command)
      const { members } = await processTree({ platform, leader, marker, wrapperPid: 0 }).survey()
      return members.length > 0
    },

    reconcile,

    close() {
      closing.abort(failed('cancelled', 'Commands are not watched any more; they go on.'))
      launcher.close()
    },
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

function refusalMessage(spec: CommandSpec, { step, code }: Refusal, program: string): string {
  switch (step) {
    case 'chdir':
      return folderRefused(spec.folder, code)
    case 'input':
      return inputRefused(spec.standardInput?.kind === 'file' ? spec.standardInput.path : 'input', code)
    case 'terminal':
      return `The system gave no terminal to this command (${code}). Start it again later, or without a terminal.`
    case 'exec':
      return programRefused(program, code)
    default:
      return step satisfies never
  }
}

const hasEnded = (id: RunId): Error =>
  failed('invalid-params', `Run ${id} has ended: nothing can be sent to it.`)

async function writtenAt(path: string): Promise<number> {
  return Math.round((await stat(path)).mtimeMs)
}
