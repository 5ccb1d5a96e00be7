import { randomUUID } from 'node:crypto'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import {
  isFinal,
  type CancelHow,
  type CommandRun,
  type CommandSpec,
  type Run,
  type RunId,
  type RunState,
} from '#contract/run.ts'
import { failed, failureOf } from '#kit/request-failed.ts'
import type { Outputs } from '../output/open-outputs.ts'
import type { Environment, Invocation, Platform, ProcessIdentity } from '../platform/platform.ts'
import { systemCode } from '../platform/system-code.ts'
import { wrapperEnvironment } from '../platform/posix.ts'
import type { RunStore } from '../runs/run-store.ts'
import { adoptedEnd } from './adopted-end.ts'
import { attemptOf, readIdentity, readIfThere, type Attempt } from './attempt.ts'
import { folderRefused, programRefused, reasonAgainst } from './check-start.ts'
import { claimUnstarted, commandRecord } from './claim-unstarted.ts'
import { commandEnvironment } from './command-environment.ts'
import { finalState } from './final-state.ts'
import { launch } from './launch.ts'
import { howStopped, readOutcome, type Refusal } from './outcome.ts'
import { DEFAULT_GRACE_MS, stopCommand } from './stop.ts'

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
  /** Told of what went wrong inside Offloop itself; meant for the log. */
  readonly onTrouble: (message: string, cause?: unknown) => void
}

/** Every command that runs, from before its start to after its end. */
export interface Commands {
  /**
   * Starts a command. Resolves with its run once that is on disk and the command has begun, or could not: that is a run
   * in the state `failed-to-spawn`.
   * @throws RequestFailed `disk-full` or `database` when the run could not be written; nothing was started then.
   */
  run(spec: CommandSpec): Promise<Run>
  /**
   * Stops a command with all its descendants; resolves once none of them is left and its run is final. One that has
   * ended already is left as it is.
   */
  stop(id: RunId): Promise<void>
  /** Finds out what became of the commands that an earlier service has left, and takes over those that live. */
  reconcile(): Promise<void>
  /** Ends the watching; the commands go on. */
  close(): void
}

/** A command that has begun and whose end is not written yet. */
interface LiveCommand {
  readonly id: RunId
  readonly spec: CommandSpec
  readonly attempt: Attempt
  readonly startedAt: number
  readonly wrapper: ProcessIdentity | undefined
  readonly leader: ProcessIdentity | undefined
  /** Set once its stop was asked for. */
  stopped: Promise<CancelHow> | undefined
  /** Its final state is being written: too late to stop it. */
  ending: boolean
}

/** A command that has not begun. */
interface StartingCommand {
  unwanted: boolean
  readonly begun: Promise<Run>
}

/** Opens the commands over the run store and the folder of their attempts. */
export function openCommands(options: CommandsOptions): Commands {
  const { runs, outputs, platform, folder, wrapper, environment, onTrouble } = options
  const graceMs = options.graceMs ?? DEFAULT_GRACE_MS
  const starting = new Map<RunId, StartingCommand>()
  /** Each with the promise of its final run. */
  const live = new Map<RunId, { readonly command: LiveCommand; readonly concluded: Promise<Run> }>()
  const closing = new AbortController()

  /** A step that happened, whether the disk takes it now or later: the run store tries again. */
  async function note(id: RunId, state: RunState): Promise<Run> {
    try {
      return await runs.transition(id, state)
    } catch (error) {
      onTrouble(`The state "${state.kind}" of run ${id} could not be written.`, error)
      const run = await runs.get(id)
      if (run?.state.kind !== state.kind) throw error
      return run
    }
  }

  const notSpawned = (id: RunId, message: string): Promise<Run> =>
    note(id, { kind: 'failed-to-spawn', endedAt: Date.now(), message })

  async function begin(id: RunId, spec: CommandSpec, mine: { unwanted: boolean }): Promise<Run> {
    const attempt = attemptOf(folder, id)
    const marker = randomUUID()
    const commandsOwn = commandEnvironment(environment, spec.environment, marker)
    const command = invocationOf(platform, spec, commandsOwn)
    const reason = await reasonAgainst(platform, command, spec.folder, commandsOwn)
    if (reason !== undefined) return notSpawned(id, reason)
    const wrapped = platform.wrapper(wrapper, attempt.folder, spec.folder, command)
    if (!wrapped) return notSpawned(id, 'Commands cannot be run on this system yet. Queries can.')
    try {
      await mkdir(attempt.folder, { recursive: true, mode: 0o700 })
      await writeFile(attempt.intent, marker, { mode: 0o600 })
    } catch (error) {
      return notSpawned(
        id,
        `The folder for its output, "${attempt.folder}", could not be made (${systemCode(error) || String(error)}). ` +
          'Free some space there or mend its permissions, and start the command again.',
      )
    }
    if (mine.unwanted)
      return note(id, { kind: 'cancelled', endedAt: Date.now(), durationMs: 0, how: 'before-start' })

    const launched = await launch(wrapped, attempt, wrapperEnvironment(commandsOwn))
    switch (launched.kind) {
      case 'broken':
        return notSpawned(id, launched.message)
      case 'refused':
        return notSpawned(id, refusalMessage(spec, launched, command.program))
      case 'started': {
        const [watcher, leader, startedAt] = await Promise.all([
          readIdentity(attempt.wrapper),
          readIdentity(attempt.command),
          writtenAt(attempt.command),
        ])
        const state = {
          kind: 'running' as const,
          startedAt,
          pid: launched.pid,
          stopping: false,
          adopted: false,
        }
        watchOver({ id, spec, attempt, startedAt, wrapper: watcher, leader }, launched.wrapperEnded)
        return note(id, state)
      }
      default:
        return launched satisfies never
    }
  }

  /** Follows a command from its beginning, or from its adoption, to its final state. */
  function watchOver(begun: Omit<LiveCommand, 'stopped' | 'ending'>, ended: Promise<void>): LiveCommand {
    const command: LiveCommand = { ...begun, stopped: undefined, ending: false }
    outputs.follow(command.id)
    const concluded = conclude(command, ended).finally(() => live.delete(command.id))
    live.set(command.id, { command, concluded })
    concluded.catch((error: unknown) => {
      if (!closing.signal.aborted) onTrouble(`The end of run ${command.id} could not be dealt with.`, error)
    })
    return command
  }

  async function conclude(command: LiveCommand, ended: Promise<void>): Promise<Run> {
    const { id, attempt, startedAt, leader } = command
    await ended
    let record = await readOutcome(attempt.exit)
    if (!record && leader && (await platform.isAlive(leader))) {
      // Its wrapper was killed: the command goes on, and can be stopped, but how it ends will not be known.
      await adoptedEnd({ platform, attempt, processes: [leader], signal: closing.signal })
      record = await readOutcome(attempt.exit)
    }
    runs.progress(id, await outputs.finish(id))
    const stopped = await command.stopped
    command.ending = true
    if (record) {
      const { outcome, endedAt } = record
      const refusal = outcome.kind === 'refused' ? refusalMessage(command.spec, outcome, 'command') : ''
      return note(
        id,
        finalState({ outcome, startedAt, endedAt: Math.max(endedAt, startedAt), stopped }, refusal),
      )
    }
    const endedAt = Math.max(Date.now(), startedAt)
    if (stopped)
      return note(id, {
        kind: 'cancelled',
        startedAt,
        endedAt,
        durationMs: endedAt - startedAt,
        how: stopped,
      })
    return note(id, { kind: 'lost', startedAt, endedAt, message: await lostMessage(command) })
  }

  async function lostMessage({ wrapper: watcher }: LiveCommand): Promise<string> {
    if (watcher && !(await platform.isSameBoot(watcher)))
      return 'The computer was restarted while this command ran. Its output until then is kept; how it ended is not known.'
    return (
      'The process that watched over this command was ended from outside, so how the command ended cannot be known. ' +
      'Its output is kept.'
    )
  }

  function beginStop(command: LiveCommand): void {
    command.stopped ??= (async () => {
      const marker = (await readIfThere(command.attempt.intent))?.trim()
      if (!marker) throw new Error(`The marker of run ${command.id} is gone.`)
      return stopCommand({
        platform,
        leader: command.leader,
        marker,
        wrapperPid: command.wrapper?.pid ?? 0,
        graceMs,
      })
    })()
    command.stopped.catch(() => undefined)
  }

  async function reconcileOne(run: CommandRun): Promise<void> {
    const { id, spec, state } = run
    const attempt = attemptOf(folder, id)
    const watcher = await claimUnstarted(attempt)
    if (!watcher) {
      const message =
        state.kind === 'queued'
          ? 'Offloop ended before it could start this command. It was not started; start it again if it is still wanted.'
          : `The records of this command in "${attempt.folder}" are gone, so what became of it cannot be known.`
      await note(id, { kind: 'lost', endedAt: Date.now(), message })
      return
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
      state.kind === 'running' ? state.startedAt : await writtenAt(leader ? attempt.command : attempt.wrapper)
    const stopping = state.kind === 'running' && state.stopping
    const adopted = !record && alive
    if (adopted || state.kind !== 'running')
      await note(id, { kind: 'running', startedAt, ...(leader && { pid: leader.pid }), stopping, adopted })
    const ended = record
      ? Promise.resolve()
      : adoptedEnd({ platform, attempt, processes, signal: closing.signal })
    const command = watchOver({ id, spec, attempt, startedAt, wrapper: watcher, leader }, ended)
    if (!stopping) return
    if (record) command.stopped = Promise.resolve(howStopped(record.outcome))
    else beginStop(command)
  }

  return {
    async run(spec) {
      const { id } = await runs.create(spec)
      const mine = { unwanted: false }
      const begun = begin(id, spec, mine)
        .catch((error: unknown) => {
          onTrouble(`Run ${id} could not be started.`, error)
          return notSpawned(id, `The command could not be started: ${failureOf(error).message}`)
        })
        .finally(() => starting.delete(id))
      starting.set(id, Object.assign(mine, { begun }))
      return begun
    },

    async stop(id) {
      const beginning = starting.get(id)
      if (beginning) {
        beginning.unwanted = true
        const run = await beginning.begun
        if (isFinal(run.state)) return
      }
      const found = live.get(id)
      const run = await runs.get(id)
      if (!found || !run) return
      const { command, concluded } = found
      if (run.state.kind === 'running' && !run.state.stopping && !command.ending) {
        beginStop(command)
        await note(id, { ...run.state, stopping: true })
      }
      await concluded
    },

    async reconcile() {
      const left = (await runs.unfinished()).filter((run): run is CommandRun => run.kind === 'command')
      await Promise.all(
        left.map((run) =>
          reconcileOne(run).catch((error: unknown) =>
            onTrouble(`Run ${run.id} could not be taken over.`, error),
          ),
        ),
      )
    },

    close() {
      closing.abort(failed('cancelled', 'Commands are not watched any more; they go on.'))
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

function refusalMessage({ folder }: CommandSpec, { step, code }: Refusal, program: string): string {
  return step === 'chdir' ? folderRefused(folder, code) : programRefused(program, code)
}

async function writtenAt(path: string): Promise<number> {
  return Math.round((await stat(path)).mtimeMs)
}
