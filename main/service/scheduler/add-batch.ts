import { isFinal, type Run } from '#contract/run.ts'
import { DEFAULT_TERMS, type RunTerms } from '#contract/terms.ts'
import type { AppDatabase } from '../app-database/client.ts'
import type { RunStore } from '../runs/run-store.ts'
import { namedPool, poolFull } from './change-pool.ts'
import type { KnownDependency, SchedulerEvent } from './events.ts'
import { given } from './given.ts'
import type { lookUpDependencies } from './look-up-dependencies.ts'
import type { RunRequest } from './run-request.ts'
import type { createRooms } from './rooms.ts'
import { slices } from './slices.ts'
import type { SchedulerState } from './state.ts'
import { hasRoom } from './turn.ts'

/** A batch that was added: its number, and its runs in the order given. */
export interface Batch {
  readonly id: number
  readonly runs: Run[]
}

interface AddBatchOptions {
  readonly state: SchedulerState
  readonly database: AppDatabase
  readonly store: RunStore
  readonly rooms: ReturnType<typeof createRooms>
  readonly dependencies: ReturnType<typeof lookUpDependencies>
  readonly happen: (event: SchedulerEvent) => void
}

interface Member {
  readonly request: RunRequest
  readonly terms: RunTerms
}

/**
 * Makes what adds commands that belong together. All for which there is room go to disk in one step: after a crash they are
 * there or they are not, and none has started before. Where a pool has less room the rest follows as it becomes free.
 */
export function batchAdder({ state, database, store, rooms, dependencies, happen }: AddBatchOptions) {
  /** @throws RequestFailed `queue-full` when those that may not wait do not all have room. */
  function refuseOverflow(members: readonly Member[]): void {
    const wanted = new Map<string, number>()
    for (const { request, terms } of members)
      if (request.whenFull === 'refuse') wanted.set(terms.pool, (wanted.get(terms.pool) ?? 0) + 1)
    for (const [name, count] of wanted) {
      const { capacity, waiting, reserved } = namedPool(state, name)
      if (capacity > 0 && waiting.size + reserved.size + count > capacity) throw poolFull(name, capacity)
    }
  }

  /** Waits for room for the next, and takes what there is for those after it. @returns a ticket for each. */
  async function takeRoom(members: readonly Member[], pause: () => Promise<void>): Promise<number[]> {
    const tickets: number[] = []
    try {
      for (const { request, terms } of members) {
        const pool = namedPool(state, terms.pool)
        if (tickets.length > 0 && !(hasRoom(pool) && pool.tickets.size === 0)) break
        tickets.push(await rooms.wait(request, terms.pool))
        await pause()
      }
      return tickets
    } catch (error) {
      giveBack(members, tickets)
      throw error
    }
  }

  function giveBack(members: readonly Member[], tickets: readonly number[]): void {
    for (const [index, ticket] of tickets.entries()) {
      const pool = members[index]?.terms.pool
      if (pool !== undefined) happen({ kind: 'leave-room', pool, ticket })
    }
  }

  /** @throws RequestFailed as `Scheduler.run`; nothing was added then, or as much as there was room for. */
  return async function addBatch(
    requests: readonly RunRequest[],
    onFailure: 'go-on' | 'stop',
  ): Promise<Batch> {
    const pause = slices()
    const id = await database.ask('batch.add', { at: Date.now() })
    const batch = { id, stopOnFailure: onFailure === 'stop' }
    const members: Member[] = []
    for (const request of requests) {
      const asked = { ...DEFAULT_TERMS, ...given(request.terms), batch }
      namedPool(state, asked.pool)
      members.push({ request, terms: { ...asked, locks: [...new Set(asked.locks)] } })
      await pause()
    }
    refuseOverflow(members)

    const wanted = new Map(members.flatMap(({ terms }) => terms.after).map((one) => [one.run, one]))
    let hasFailed = false
    const stopWatching = store.watch((run) => {
      if (run.kind === 'command' && run.terms.batch?.id === id && isFinal(run.state))
        hasFailed ||= run.state.kind !== 'done'
    })
    try {
      return await dependencies.follow([...wanted.values()], async (latest) => {
        const runs: Run[] = []
        while (runs.length < members.length) runs.push(...(await addNext(members.slice(runs.length), latest)))
        // One that failed before the others were added could not stop them.
        if (hasFailed && batch.stopOnFailure) happen({ kind: 'batch-cancel', batch: id })
        return { id, runs }
      })
    } finally {
      stopWatching()
    }

    async function addNext(left: readonly Member[], latest: () => KnownDependency[]): Promise<Run[]> {
      const tickets = await takeRoom(left, pause)
      let added = 0
      try {
        const created = await store.createAll(
          left.slice(0, tickets.length).map(({ request: { spec, environment }, terms }) => ({
            spec,
            how: { terms, reasons: [], environment },
          })),
          pause,
        )
        for (const { id: run, createdAt: askedAt } of created) {
          const { terms } = left[added] ?? {}
          const ticket = tickets[added]
          if (!terms || ticket === undefined) break
          const after = terms.after.length === 0 ? [] : known(terms, latest())
          happen({ kind: 'add', id: run, terms, attempt: 1, after, askedAt, ticket })
          added += 1
          await pause()
        }
        return created
      } finally {
        giveBack(left.slice(added), tickets.slice(added))
      }
    }
  }
}

/** How those stand that a run comes after. */
function known({ after }: RunTerms, all: readonly KnownDependency[]): KnownDependency[] {
  const done = new Map(all.map((one) => [one.run, one.done]))
  return after.map((one) => ({ ...one, done: done.get(one.run) }))
}
