import {
  isFinal,
  type CommandRun,
  type CommandSpec,
  type Run,
  type RunId,
  type WaitingReason,
} from '#contract/run.ts'
import type { TerminalSize } from '#contract/terminal.ts'
import { DEFAULT_TERMS, type AskedTerms, type Lane, type LockLine, type RunTerms } from '#contract/terms.ts'
import { failed } from '#kit/request-failed.ts'
import type { AppDatabase } from '../app-database/client.ts'
import type { Commands, CommandsOptions } from '../commands/open-commands.ts'
import type { RunStore } from '../runs/run-store.ts'
import { batchAdder, type Batch } from './add-batch.ts'
import { createAlarm, machineClock } from './alarm.ts'
import { namedPool } from './change-pool.ts'
import { decide } from './decide.ts'
import type { Now } from './dues.ts'
import type { KnownDependency, SchedulerEvent } from './events.ts'
import { given } from './given.ts'
import { lanesOf, locksOf } from './lanes.ts'
import { lookUpDependencies } from './look-up-dependencies.ts'
import { openPools, type Pools } from './open-pools.ts'
import { asCommand, refuseDelete, refuseEdit, refuseRestart } from './refuse-change.ts'
import { restoreRuns } from './restore-runs.ts'
import { createRooms } from './rooms.ts'
import type { RunRequest } from './run-request.ts'
import { startsAtOnce } from './starts-at-once.ts'
import { emptyState, type Effect } from './state.ts'
import { tellReasons } from './tell-reasons.ts'

type CommandEvents = Pick<CommandsOptions, 'environmentOf' | 'onStarted' | 'onEnded'>

export interface SchedulerOptions {
  readonly database: AppDatabase
  readonly store: RunStore
  /** Opens what starts and stops the processes. */
  readonly openCommands: (events: CommandEvents) => Commands
  readonly onTrouble: (message: string, cause?: unknown) => void
  readonly clock?: () => Now
}

/** Decides when each command starts, and keeps its record. */
export interface Scheduler {
  /**
   * Adds a command. Resolves with its run once that is on disk and either waits, or has begun, or could not begin.
   * @throws RequestFailed `queue-full`, `not-found`, `invalid-params`, `disk-full` or `database`; nothing was added then.
   */
  run(request: RunRequest): Promise<Run>
  /** Starts a run that waits for the first one of its pipe; does nothing to any other. */
  begin(id: RunId): void
  /** Stops a run; resolves once its work has really ended and its last state is written. */
  cancel(id: RunId): Promise<void>
  /** As `cancel`, without giving its processes time to end by themselves. */
  kill(id: RunId): Promise<void>
  /** Starts nothing any more, and stops all that has begun; resolves once none of it is left. Whatever waits is kept. */
  stopAll(): Promise<void>
  /** Halts a run, or holds one that waits. @throws RequestFailed `invalid-params` when it has ended or is being stopped. */
  pause(id: RunId): Promise<Run>
  resume(id: RunId): Promise<Run>
  /** @throws RequestFailed `invalid-params` when it has not ended, or has left processes behind. */
  restart(id: RunId, how: 'in-place' | 'as-new'): Promise<Run>
  /** Changes a run that waits. @throws RequestFailed `invalid-params` when it has started, or a cycle would come about. */
  edit(
    id: RunId,
    spec: CommandSpec | undefined,
    terms: AskedTerms,
    without?: readonly (keyof AskedTerms)[],
  ): Promise<Run>
  /** Sends to the standard input of a command, see `Commands`. */
  send(id: RunId, bytes: Uint8Array, end: boolean, signal: AbortSignal): Promise<void>
  resizeTerminal(id: RunId, size: TerminalSize): Promise<void>
  /** Takes a run out of the history. @throws RequestFailed `invalid-params` when it has not ended, or others wait for it. */
  delete(id: RunId): Promise<void>
  /** Adds commands that belong together, all in one step as far as there is room. @throws RequestFailed as `run`. */
  runBatch(requests: readonly RunRequest[], onFailure: 'go-on' | 'stop'): Promise<Batch>
  readonly pools: Pools
  /** The pools with the beginnings of their lines, and the locks. */
  lanes(): { pools: Lane[]; locks: LockLine[] }
  /** Tells of everything that happens from now on; returns what ends that. */
  watch(listener: () => void): () => void
  /** Why a run waits at this moment; undefined for one that does not. */
  reasonsOf(id: RunId): WaitingReason[] | undefined
  /** Takes up what an earlier service has left. Before this, nothing is started. */
  restore(): Promise<void>
  /** Lets go of everything; commands go on. */
  close(): void
}

/** Opens the scheduler over the run store and the app database. */
export function openScheduler(options: SchedulerOptions): Scheduler {
  const { database, store, onTrouble } = options
  const clock = options.clock ?? machineClock
  const state = emptyState()
  const reasons = tellReasons(state, store, onTrouble)
  const alarm = createAlarm(clock, () => happen({ kind: 'due' }))
  /** Runs whose intent to start is on disk already. */
  const intended = new Set<RunId>()
  /** Starts under way, for those who wait for them. */
  const beginnings = new Map<RunId, Promise<unknown>>()
  /** Last states that are being written. */
  const endings = new Map<RunId, Promise<unknown>>()
  const listeners = new Set<() => void>()
  let closed = false

  const rooms = createRooms(state, happen)
  const dependencies = lookUpDependencies(store)
  const pools = openPools(state, database, happen)

  const commands = options.openCommands({
    environmentOf: (id) => store.environment(id),
    onStarted: (id) => happen({ kind: 'started', id }),
    async onEnded(id, ended) {
      happen({ kind: 'ended', id, state: ended })
      await endings.get(id)
    },
  })
  // Queries and transfers are not the scheduler's, and yet a command may come after one.
  const stopWatching = store.watch(({ id, state: now }) => {
    if (isFinal(now) && !state.entries.has(id) && state.dependants.has(id))
      happen({ kind: 'ended', id, state: now })
  })

  /** Decides, and sets going what follows. @throws RequestFailed when the event is not allowed. */
  function happen(event: SchedulerEvent): void {
    if (closed) return
    for (const effect of decide(state, event, clock())) perform(effect)
    alarm.set(state.dues.next())
    reasons.changed()
    for (const listener of listeners) listener()
  }

  function perform(effect: Effect): void {
    switch (effect.kind) {
      case 'start':
        return start(effect.id)
      case 'stop':
        commands.stop(effect.id).catch(trouble(`Run ${effect.id} could not be stopped.`))
        return
      case 'finish':
        return write(effect.id, store.transition(effect.id, effect.state))
      case 'retry': {
        const entry = state.entries.get(effect.id)
        if (!entry) return
        const why = reasons.of(effect.id) ?? []
        return write(effect.id, store.again(effect.id, effect.state, entry.terms, why))
      }
      case 'admit':
        rooms.answer(effect.ticket, 'admit')
        return
      case 'refuse':
        rooms.answer(effect.ticket, effect.because)
        return
      case 'drained':
        pools.drained(effect.pool)
        return
      default:
        effect satisfies never
    }
  }

  const trouble =
    (message: string) =>
    (error: unknown): void =>
      onTrouble(message, error)

  /** A step that happened is true whether the disk takes it now or later: the run store tries again. */
  function write(id: RunId, writing: Promise<unknown>): void {
    const written = writing.catch(trouble(`A step of run ${id} could not be written.`))
    endings.set(id, written)
    void written.then(() => {
      if (endings.get(id) === written) endings.delete(id)
    })
  }

  /** Writes the intent, and only then starts the process: after a crash between the two it is known, and not run again. */
  function start(id: RunId): void {
    const run = store.present(id)
    if (run?.kind !== 'command') return onTrouble(`Run ${id} is not there to be started.`)
    const written = intended.delete(id)
      ? Promise.resolve()
      : (endings.get(id) ?? Promise.resolve()).then(() =>
          store.transition(id, { kind: 'queued', reasons: [{ kind: 'starting' }] }),
        )
    const beginning = commands.start(run, written).catch(trouble(`Run ${id} could not be started.`))
    beginnings.set(id, beginning)
    void beginning.then(() => {
      if (beginnings.get(id) === beginning) beginnings.delete(id)
    })
  }

  const commandRun = async (id: RunId): Promise<CommandRun> => asCommand(id, await store.get(id))

  /** Tells the scheduler of a run that is on disk, and waits for its start if it starts now. */
  async function take(
    run: Run,
    terms: RunTerms,
    attempt: number,
    after: KnownDependency[],
    ticket: number,
    atOnce: boolean,
  ): Promise<Run> {
    const { id } = run
    if (atOnce) intended.add(id)
    happen({ kind: 'add', id, terms, attempt, after, ticket, askedAt: clock().wall })
    if (intended.delete(id) && state.entries.has(id)) {
      // Its place was taken meanwhile: the disk must not say that it is about to start.
      await store.transition(id, { kind: 'queued', reasons: [] })
    }
    if (state.entries.get(id)?.phase.kind === 'waiting') reasons.tell(id)
    await beginnings.get(id)
    await endings.get(id)
    return (await store.get(id)) ?? run
  }

  async function run(request: RunRequest): Promise<Run> {
    const { spec, environment, pipe } = request
    const asked = { ...DEFAULT_TERMS, ...given(request.terms), ...(pipe && { pipe }) }
    const terms = { ...asked, locks: [...new Set(asked.locks)] }
    namedPool(state, terms.pool)
    await dependencies.look(terms.after)
    const ticket = await rooms.wait(request, terms.pool)
    try {
      return await dependencies.follow(terms.after, async (latest) => {
        const atOnce = startsAtOnce(state, terms, latest(), clock().wall)
        const why: WaitingReason[] = atOnce ? [{ kind: 'starting' }] : []
        const created = await store.create(spec, { terms, reasons: why, environment })
        return take(created, terms, 1, latest(), ticket, atOnce)
      })
    } finally {
      happen({ kind: 'leave-room', pool: terms.pool, ticket })
    }
  }

  async function changed(id: RunId, terms: Partial<RunTerms>): Promise<Run> {
    const { spec, terms: before } = await commandRun(id)
    const run = await store.amend(id, spec, { ...before, ...terms })
    reasons.tell(id)
    return (await store.get(id)) ?? run
  }

  async function stopped(id: RunId): Promise<void> {
    await beginnings.get(id)
    await commands.stop(id)
    await endings.get(id)
  }

  async function cancel(id: RunId): Promise<void> {
    happen({ kind: 'cancel', id })
    await stopped(id)
  }

  return {
    run,
    begin: (id) => happen({ kind: 'begin', id }),

    cancel,
    async stopAll() {
      happen({ kind: 'rest' })
      const begun = [...state.entries.values()].filter(({ phase }) => phase.kind !== 'waiting')
      await Promise.all(begun.map(({ id }) => cancel(id)))
    },
    async kill(id) {
      happen({ kind: 'cancel', id })
      await beginnings.get(id)
      await commands.kill(id)
      await endings.get(id)
    },

    async pause(id) {
      const before = await commandRun(id)
      if (state.entries.get(id)?.phase.kind === 'waiting') {
        happen({ kind: 'hold', id })
        return changed(id, { held: true })
      }
      if (before.state.kind === 'paused') return before
      await beginnings.get(id)
      if (!(await commands.halt(id)))
        throw failed(
          'invalid-params',
          `Run ${id} cannot be paused: it has ended, or is being stopped. Look at it again.`,
        )
      happen({ kind: 'halted', id })
      return commandRun(id)
    },
    async resume(id) {
      const before = await commandRun(id)
      if (state.entries.get(id)?.phase.kind === 'waiting') {
        happen({ kind: 'release', id })
        await beginnings.get(id)
        return state.entries.get(id)?.phase.kind === 'waiting' ? changed(id, { held: false }) : commandRun(id)
      }
      if (before.state.kind !== 'paused' || !(await commands.resume(id)))
        throw failed('invalid-params', `Run ${id} is not paused, so it cannot be resumed.`)
      happen({ kind: 'continued', id })
      return commandRun(id)
    },

    async restart(id, how) {
      const before = await commandRun(id)
      await refuseRestart(before, !state.entries.has(id), commands.leftovers)
      const { spec } = before
      const now = { startAt: undefined, delayMs: undefined, batch: undefined, after: [], held: false }
      const terms: RunTerms = { ...before.terms, ...now, firstAttempt: 1 }
      if (how === 'as-new')
        return run({ spec, terms, environment: await store.environment(id), whenFull: 'refuse' })
      const ticket = await rooms.wait({ whenFull: 'refuse' }, terms.pool)
      try {
        if (state.entries.has(id)) throw failed('invalid-params', `Run ${id} is being restarted already.`)
        const attempt = before.attempt + 1
        const again = { ...terms, firstAttempt: attempt }
        const atOnce = startsAtOnce(state, again, [], clock().wall)
        const why: WaitingReason[] = atOnce ? [{ kind: 'starting' }] : []
        const queued = await store.again(id, before.state, again, why)
        return await take(queued, again, attempt, [], ticket, atOnce)
      } finally {
        happen({ kind: 'leave-room', pool: terms.pool, ticket })
      }
    },

    async edit(id, spec, asked, without = []) {
      const before = await commandRun(id)
      refuseEdit(before, asked)
      const removed = Object.fromEntries(without.map((term) => [term, undefined]))
      const terms: RunTerms = { ...before.terms, ...given(asked), ...removed }
      namedPool(state, terms.pool)
      return dependencies.follow(terms.after, async (latest) => {
        // The new command must be there before the run may start.
        if (state.entries.get(id)?.phase.kind === 'waiting') await store.amend(id, spec ?? before.spec, terms)
        happen({ kind: 'edit', id, terms, after: latest() })
        if (state.entries.get(id)?.phase.kind === 'waiting') reasons.tell(id)
        return commandRun(id)
      })
    },

    async send(id, bytes, end, signal) {
      await beginnings.get(id)
      await commands.send(id, bytes, end, signal)
    },
    async resizeTerminal(id, size) {
      await beginnings.get(id)
      await commands.resize(id, size)
    },

    async delete(id) {
      const [waiting] = state.dependants.get(id) ?? []
      refuseDelete(id, await store.get(id), waiting)
      await store.delete(id)
    },

    runBatch: batchAdder({ state, database, store, rooms, dependencies, happen }),

    pools,

    lanes: () => ({ pools: lanesOf(state), locks: locksOf(state) }),
    watch(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },

    reasonsOf: reasons.of,

    async restore() {
      await pools.restore()
      const tell = (id: RunId): void => reasons.tell(id)
      await restoreRuns({ state, store, commands, dependencies, clock, happen, tellReasons: tell, onTrouble })
    },

    close() {
      closed = true
      stopWatching()
      alarm.close()
      reasons.close()
      commands.close()
    },
  }
}
