import type { CommandRun, CommandSpec, QuerySpec, Run, RunId, WaitingReason } from '#contract/run.ts'
import { DEFAULT_TERMS, type RunTerms } from '#contract/terms.ts'
import type { TransferSpec } from '#contract/transfer.ts'
import { failed } from '#kit/request-failed.ts'
import type { RunStore } from '../runs/run-store.ts'
import { namedPool } from './change-pool.ts'
import type { Now } from './dues.ts'
import type { KnownDependency, SchedulerEvent } from './events.ts'
import { given } from './given.ts'
import type { createHostedWork } from './hosted-work.ts'
import type { lookUpDependencies } from './look-up-dependencies.ts'
import type { createRooms, RoomRequest } from './rooms.ts'
import type { HostedRequest, RunRequest } from './run-request.ts'
import { startsAtOnce } from './starts-at-once.ts'
import type { SchedulerState } from './state.ts'

interface AddRunOptions {
  readonly state: SchedulerState
  readonly store: RunStore
  readonly rooms: ReturnType<typeof createRooms>
  readonly dependencies: ReturnType<typeof lookUpDependencies>
  readonly hosted: Pick<ReturnType<typeof createHostedWork>, 'expect' | 'ended'>
  readonly clock: () => Now
  readonly happen: (event: SchedulerEvent) => void
  /** Runs whose intent to start is on disk already. */
  readonly intended: Set<RunId>
  /** Resolves when the start of a run is over that is under way, and its end is written if it has come to that. */
  readonly settled: (id: RunId) => Promise<unknown>
  /** Has a run that waits say why. */
  readonly tellReasons: (id: RunId) => void
  readonly cancel: (id: RunId) => Promise<void>
}

interface Added extends RoomRequest {
  readonly spec: QuerySpec | CommandSpec | TransferSpec
  readonly terms: RunTerms
  readonly environment?: string | undefined
  /** To be done between the disk and its start. */
  readonly onCreated?: (run: Run) => void
}

/** Makes what adds one run, or another attempt of it. */
export function runAdder(options: AddRunOptions) {
  const { state, store, rooms, dependencies, hosted, clock } = options
  const { happen, intended, settled, tellReasons, cancel } = options

  const reasonsAtFirst = (atOnce: boolean): WaitingReason[] => (atOnce ? [{ kind: 'starting' }] : [])

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
    if (state.entries.get(id)?.phase.kind === 'waiting') tellReasons(id)
    await settled(id)
    return (await store.get(id)) ?? run
  }

  async function add({ spec, terms: asked, environment, onCreated, ...room }: Added): Promise<Run> {
    const terms = { ...asked, locks: [...new Set(asked.locks)] }
    namedPool(state, terms.pool)
    await dependencies.look(terms.after)
    const ticket = await rooms.wait(room, terms.pool)
    try {
      return await dependencies.follow(terms.after, async (latest) => {
        const atOnce = startsAtOnce(state, terms, latest(), clock().wall)
        const created = await store.create(spec, { terms, reasons: reasonsAtFirst(atOnce), environment })
        onCreated?.(created)
        return take(created, terms, 1, latest(), ticket, atOnce)
      })
    } finally {
      happen({ kind: 'leave-room', pool: terms.pool, ticket })
    }
  }

  return {
    run({ terms, pipe, ...request }: RunRequest): Promise<Run> {
      return add({ ...request, terms: { ...DEFAULT_TERMS, ...given(terms), ...(pipe && { pipe }) } })
    },

    /** Adds a query or transfer. @returns the run as it is when it has ended. */
    async runHosted(asked: HostedRequest): Promise<Run> {
      const { carryOut, forAsker, terms, cancelled, onCreated, ...request } = asked
      const added = await add({
        ...request,
        terms: { ...DEFAULT_TERMS, ...given(terms), ...(forAsker && { forAsker }) },
        onCreated(run) {
          hosted.expect(run.id, carryOut)
          onCreated?.(run)
        },
      })
      if (cancelled.aborted) await cancel(added.id)
      const onCancelled = (): void => void cancel(added.id)
      cancelled.addEventListener('abort', onCancelled, { once: true })
      await hosted.ended(added.id)
      cancelled.removeEventListener('abort', onCancelled)
      return (await store.get(added.id)) ?? added
    },

    /** Begins another attempt of a command that has ended. */
    async runAgain({ id, state: ended, attempt: last }: CommandRun, terms: RunTerms): Promise<Run> {
      const ticket = await rooms.wait({ whenFull: 'refuse' }, terms.pool)
      try {
        if (state.entries.has(id)) throw failed('invalid-params', `Run ${id} is being restarted already.`)
        const attempt = last + 1
        const again = { ...terms, firstAttempt: attempt }
        const atOnce = startsAtOnce(state, again, [], clock().wall)
        const queued = await store.again(id, ended, again, reasonsAtFirst(atOnce))
        return await take(queued, again, attempt, [], ticket, atOnce)
      } finally {
        happen({ kind: 'leave-room', pool: terms.pool, ticket })
      }
    },
  }
}
