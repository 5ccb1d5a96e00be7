import { isFinal, type CommandRun, type RunId, type RunState } from '#contract/run.ts'
import type { TerminalSize } from '#contract/terminal.ts'
import { failed, failureOf } from '#kit/request-failed.ts'
import type { Outputs } from '../output/open-outputs.ts'
import { CLOSE_INPUT } from '../platform/platform.ts'
import type { Pumps } from '../pipes/pumps.ts'
import type { RunStore } from '../runs/run-store.ts'
import { adoptedEnd } from './adopted-end.ts'
import { attemptOf, readIdentity } from './attempt.ts'
import { reasonAgainst } from './check-start.ts'
import { commandInput } from './command-input.ts'
import { findEndRecord, findLastState } from './find-last-state.ts'
import { findLeftCommand, processesOf } from './find-left-command.ts'
import { continueCommand, haltCommand } from './halt.ts'
import { markerOf, treeOf, type BegunCommand, type LiveCommand } from './live-command.ts'
import { openLauncher, type LaunchEnd } from './open-launcher.ts'
import { howStopped } from './outcome.ts'
import { goingOn, pausedFrom } from './pause-states.ts'
import { prepareCommand, type PrepareOptions } from './prepare-command.ts'
import { processTree } from './process-tree.ts'
import { refusalMessage } from './refusal-message.ts'
import { DEFAULT_GRACE_MS, stopCommand } from './stop.ts'

export interface CommandsOptions extends PrepareOptions {
  readonly runs: RunStore
  readonly outputs: Outputs
  /** Absolute path of the folder in which each command run has one; the same that the outputs have. */
  readonly folder: string
  /** What a command gets to end by itself when it is stopped, in milliseconds. */
  readonly graceMs?: number
  readonly pipes: Pick<Pumps, 'endsOf' | 'isInputBroken'>
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

/** A command that has not begun. */
interface StartingCommand {
  unwanted: boolean
  readonly begun: Promise<void>
}

/** Opens the commands over the run store and the folder of their attempts. */
export function openCommands(options: CommandsOptions): Commands {
  const { runs, outputs, platform, folder, pipes, onStarted, onEnded, onTrouble } = options
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

  async function begin(
    run: CommandRun,
    intended: Promise<unknown>,
    mine: { unwanted: boolean },
  ): Promise<void> {
    const { id, spec, attempt: number } = run
    const attempt = attemptOf(folder, id, number)
    // While the disk takes the intent: it is slower than all of this.
    const [prepared] = await Promise.all([prepareCommand(run, attempt, options), intended])
    if (typeof prepared === 'string') return notSpawned(id, prepared)
    const { wrapped, start } = prepared
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
        const { wrapper, command: leader } = launched
        const startedAt = Date.now()
        const begun = { id, spec, number, attempt, startedAt, wrapper, leader }
        // What the wrapper has written tells of this start after a crash, so nobody waits for the disk.
        runs.step(id, { kind: 'running', startedAt, pid: leader.pid, stopping: false, adopted: false })
        onStarted(id)
        watchOver(
          begun,
          launched.ended.then((end) => (end.kind === 'untold' ? untoldEnd(begun) : end)),
          true,
        )
        return
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
    begun: BegunCommand,
    ended: Promise<LaunchEnd | undefined>,
    hasJustBegun: boolean,
  ): LiveCommand {
    const command: LiveCommand = {
      ...begun,
      stopped: undefined,
      hurry: new AbortController(),
      ending: false,
      input: commandInput(begun.id, begun.spec, begun.attempt, async () => {
        const { wrapper } = begun
        if (wrapper && (await platform.isAlive(wrapper))) platform.signal(wrapper.pid, CLOSE_INPUT)
      }),
    }
    outputs.follow({ ...command, attempt: command.number }, hasJustBegun)
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

  /** The end of a command of which no launcher tells. */
  function untoldEnd(begun: BegunCommand): Promise<undefined> {
    const { attempt } = begun
    return adoptedEnd({ platform, attempt, processes: processesOf(begun), signal: closing.signal })
  }

  async function conclude(command: LiveCommand, ended: Promise<LaunchEnd | undefined>): Promise<void> {
    const { id } = command
    const record = await findEndRecord(command, await ended, platform, closing.signal)
    command.input.close(hasEnded(id))
    runs.progress(id, await outputs.finish({ ...command, attempt: command.number }))
    await command.stopped
    command.ending = true
    return onEnded(id, await findLastState(command, record, { platform, runs, pipes }))
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

  function beginStop(command: LiveCommand): void {
    command.stopped ??= (async () =>
      stopCommand({ ...(await treeOf(platform, command)), graceMs, hurry: command.hurry.signal }))()
    command.stopped.catch(() => undefined)
  }

  async function reconcile(run: CommandRun): Promise<void> {
    const { id, state } = run
    const left = await findLeftCommand(run, attemptOf(folder, id, run.attempt), platform)
    if (left.kind === 'over') return onEnded(id, left.last)
    const { command: begun, outcome, adopted } = left
    const stopping = state.kind === 'running' && state.stopping
    if (state.kind === 'paused') {
      if (adopted) await note(id, { ...state, adopted })
    } else if (adopted || state.kind !== 'running') {
      const { startedAt, leader } = begun
      await note(id, { kind: 'running', startedAt, ...(leader && { pid: leader.pid }), stopping, adopted })
    }
    const command = watchOver(begun, outcome ? Promise.resolve(undefined) : untoldEnd(begun), false)
    if (!stopping) return
    if (outcome) command.stopped = Promise.resolve(howStopped(outcome))
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
      else if (state.kind === 'paused') await note(id, goingOn(state, true))
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
      if (!(await haltCommand(await treeOf(platform, command)))) return false
      const run = await runs.get(id)
      if (run?.state.kind !== 'running' || run.state.stopping) return false
      await note(id, pausedFrom(run.state, Date.now()))
      return true
    },

    async resume(id) {
      const found = live.get(id)
      const run = await runs.get(id)
      if (!found || run?.state.kind !== 'paused') return false
      await note(id, goingOn(run.state, false))
      await continueCommand(await treeOf(platform, found.command))
      return true
    },

    async send(id, bytes, end, signal) {
      const { input } = await running(id)
      await input.send(bytes, signal)
      outputs.sent(id)
      if (end) await input.end(signal)
    },
    async resize(id, size) {
      const { input } = await running(id)
      await input.resize(size, closing.signal)
    },

    async leftovers({ id, attempt: number }) {
      const attempt = attemptOf(folder, id, number)
      const marker = await markerOf(attempt)
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

const hasEnded = (id: RunId): Error =>
  failed('invalid-params', `Run ${id} has ended: nothing can be sent to it.`)
