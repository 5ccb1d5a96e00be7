import {
  isFinal,
  type CommandSpec,
  type Run,
  type RunId,
  type RunState,
  type WaitingReason,
} from '#contract/run.ts'
import type { TerminalSize } from '#contract/terminal.ts'
import type { AskedTerms, Lane, LockLine, RunTerms } from '#contract/terms.ts'
import { failed } from '#kit/request-failed.ts'
import type { AppDatabase } from '../app-database/client.ts'
import type { Commands, CommandsOptions } from '../commands/open-commands.ts'
import type { RunStore } from '../runs/run-store.ts'
import { runAdder } from './add-run.ts'
import { batchAdder, type Batch } from './add-batch.ts'
import { createAlarm, machineClock } from './alarm.ts'
import { namedPool } from './change-pool.ts'
import { decide } from './decide.ts'
import type { Now } from './dues.ts'
import type { SchedulerEvent } from './events.ts'
import { given } from './given.ts'
import { createHostedWork, type CarryOut } from './hosted-work.ts'
import { lanesOf, locksOf } from './lanes.ts'
import { lookUpDependencies } from './look-up-dependencies.ts'
import { openPools, type Pools } from './open-pools.ts'
import { asCommand, inPool, refuseDelete, refuseEdit, refuseRestart } from './refuse-change.ts'
import { restoreRuns } from './restore-runs.ts'
import { createRooms } from './rooms.ts'
import type { HostedRequest, RunRequest } from './run-request.ts'
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

/** Decides when each run starts that stands in a pool, and keeps the record of commands. */
export interface Scheduler {
  /**
   * Adds a command. Resolves with its run once that is on disk and either waits, or has begun, or could not begin.
   * @throws RequestFailed `queue-full`, `not-found`, `invalid-params`, `disk-full` or `database`; nothing was added then.
   */
  run(request: RunRequest): Promise<Run>
  /**
   * Adds a query or transfer, which waits for its turn. Resolves with its run when that has ended.
   * @throws RequestFailed as `run`.
   */
  runHosted(request: HostedRequest): Promise<Run>
  /** Starts a run that waits for the first one of its pipe; does nothing to any other. */
  begin(id: RunId): void
  /** Stops a run; resolves once its work has really ended and its last state is written. */
  cancel(id: RunId): Promise<void>
  /** As `cancel`, without giving its processes time to end by themselves. */
  kill(id: RunId): Promise<void>
  /** Starts nothing any more, and stops all that has begun; resolves once none of it is left. Whatever waits is kept. */
  stopAll(): Promise<void>
  /**
   * Halts a command, or holds a run that waits.
   * @throws RequestFailed `invalid-params` when it has ended or is being stopped, or is a query or transfer that runs.
   */
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
  /** Takes up what an earlier service has left. Before this, nothing is started. @param carryOut does the work of queries and transfers. */
  restore(carryOut: CarryOut): Promise<void>
  /** Lets go of everything; commands go on, and what waits is kept. */
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
  const hosted = createHostedWork({
    store,
    onStarted: (id) => happen({ kind: 'started', id }),
    onEnded: (id, ended) => happen({ kind: 'ended', id, state: ended }),
    onTrouble,
  })
  // Queries and transfers in no pool are not the scheduler's, and yet others may come after them.
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
        stop(effect.id).catch(trouble(`Run ${effect.id} could not be stopped.`))
        return
      case 'finish':
        return conclude(effect.id, effect.state)
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

  const stop = async (id: RunId): Promise<void> => {
    await Promise.all([commands.stop(id), hosted.stop(id)])
  }

  /** Writes how a run has ended, unless whoever did its work has. */
  function conclude(id: RunId, last: RunState): void {
    if (hosted.hasTurn(id)) return hosted.conclude(id)
    write(id, store.transition(id, last))
    void endings.get(id)?.then(() => hosted.conclude(id))
  }

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
    if (!run) return onTrouble(`Run ${id} is not there to be started.`)
    const written = intended.delete(id)
      ? Promise.resolve()
      : (endings.get(id) ?? Promise.resolve()).then(() =>
          store.transition(id, { kind: 'queued', reasons: [{ kind: 'starting' }] }),
        )
    if (run.kind !== 'command') return hosted.begin(run, written)
    const beginning = commands.start(run, written).catch(trouble(`Run ${id} could not be started.`))
    beginnings.set(id, beginning)
    void beginning.then(() => {
      if (beginnings.get(id) === beginning) beginnings.delete(id)
    })
  }

  const pooledRun = async (id: RunId) => inPool(id, await store.get(id))

  const { run, runHosted, runAgain } = runAdder({
    ...{ state, store, rooms, dependencies, hosted, clock, happen, intended },
    async settled(id) {
      await beginnings.get(id)
      await endings.get(id)
    },
    tellReasons: (id) => reasons.tell(id),
    cancel,
  })

  async function changed(id: RunId, terms: Partial<RunTerms>): Promise<Run> {
    const { terms: before } = await pooledRun(id)
    const run = await store.amend(id, { ...before, ...terms })
    reasons.tell(id)
    return (await store.get(id)) ?? run
  }

  async function stopped(id: RunId): Promise<void> {
    await beginnings.get(id)
    await stop(id)
    await endings.get(id)
  }

  async function cancel(id: RunId): Promise<void> {
    happen({ kind: 'cancel', id })
    await stopped(id)
  }

  return {
    run,
    runHosted,
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
      const before = await pooledRun(id)
      if (state.entries.get(id)?.phase.kind === 'waiting') {
        happen({ kind: 'hold', id })
        return changed(id, { held: true })
      }
      asCommand(before)
      if (before.state.kind === 'paused') return before
      await beginnings.get(id)
      if (!(await commands.halt(id)))
        throw failed(
          'invalid-params',
          `Run ${id} cannot be paused: it has ended, or is being stopped. Look at it again.`,
        )
      happen({ kind: 'halted', id })
      return pooledRun(id)
    },
    async resume(id) {
      const before = await pooledRun(id)
      if (state.entries.get(id)?.phase.kind === 'waiting') {
        happen({ kind: 'release', id })
        await beginnings.get(id)
        return state.entries.get(id)?.phase.kind === 'waiting' ? changed(id, { held: false }) : pooledRun(id)
      }
      if (before.state.kind !== 'paused' || !(await commands.resume(id)))
        throw failed('invalid-params', `Run ${id} is not paused, so it cannot be resumed.`)
      happen({ kind: 'continued', id })
      return pooledRun(id)
    },

    async restart(id, how) {
      const before = asCommand(await pooledRun(id))
      await refuseRestart(before, !state.entries.has(id), commands.leftovers)
      const { spec } = before
      const now = { startAt: undefined, delayMs: undefined, batch: undefined, after: [], held: false }
      const terms: RunTerms = { ...before.terms, ...now, firstAttempt: 1 }
      if (how === 'as-new')
        return run({ spec, terms, environment: await store.environment(id), whenFull: 'refuse' })
      return runAgain(before, terms)
    },

    async edit(id, spec, asked, without = []) {
      const before = await pooledRun(id)
      refuseEdit(before, spec, asked)
      const asBefore = [before.terms, before.kind === 'command' ? before.spec : undefined] as const
      const removed = Object.fromEntries(without.map((term) => [term, undefined]))
      const terms: RunTerms = { ...before.terms, ...given(asked), ...removed }
      namedPool(state, terms.pool)
      return dependencies.follow(terms.after, async (latest) => {
        // The new command must be there before the run may start.
        const waits = state.entries.get(id)?.phase.kind === 'waiting'
        if (waits) await store.amend(id, terms, spec)
        try {
          happen({ kind: 'edit', id, terms, after: latest() })
        } catch (error) {
          if (waits && state.entries.get(id)?.phase.kind === 'waiting') await store.amend(id, ...asBefore)
          throw error
        }
        if (state.entries.get(id)?.phase.kind === 'waiting') reasons.tell(id)
        return pooledRun(id)
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

    reasonsOf: (id) => (hosted.hasTurn(id) ? undefined : reasons.of(id)),

    async restore(carryOut) {
      await pools.restore()
      const tell = (id: RunId): void => reasons.tell(id)
      const expect = (id: RunId): void => hosted.expect(id, carryOut)
      const parts = { state, store, commands, dependencies, clock, happen, expect, onTrouble }
      await restoreRuns({ ...parts, tellReasons: tell })
    },

    close() {
      closed = true
      stopWatching()
      alarm.close()
      reasons.close()
      hosted.close()
      commands.close()
    },
  }
}
