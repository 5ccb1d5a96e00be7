import type { PoolChange, PoolLimits } from '#contract/terms.ts'
import { failed } from '#kit/request-failed.ts'
import type { AppDatabase } from '../app-database/client.ts'
import { namedPool } from './change-pool.ts'
import type { SchedulerEvent } from './events.ts'
import { emptyPool, type PoolState, type SchedulerState } from './state.ts'

/** The pools, changed and kept. Each change is answered when it is on disk. */
export interface Pools {
  list(): PoolState[]
  /** @throws RequestFailed `invalid-params` when there is one, or nothing could run in it. */
  add(name: string, limits: PoolLimits): Promise<PoolState>
  set(name: string, limits: PoolChange): Promise<PoolState>
  change(name: string, how: 'pause' | 'resume' | 'close' | 'open' | 'terminate'): Promise<PoolState>
  /** Resolves when a closed pool has nothing left. @throws RequestFailed `invalid-params` when it is not closed. */
  join(name: string, signal: AbortSignal): Promise<PoolState>
}

/** Opens the pools of the app database. @param happen decides; throws when the event is refused. */
export function openPools(
  state: SchedulerState,
  database: AppDatabase,
  happen: (event: SchedulerEvent) => void,
): Pools & { drained(name: string): void; restore(): Promise<void> } {
  const joining = new Map<string, Set<() => void>>()

  async function save(name: string): Promise<PoolState> {
    const pool = namedPool(state, name)
    const { concurrency, capacity, paused, closed } = pool
    const flags = { paused: Number(paused), closed: Number(closed) }
    await database.ask('pool.save', { name, concurrency, capacity, ...flags })
    return pool
  }

  return {
    list: () => [...state.pools.values()],
    async add(name, limits) {
      happen({ kind: 'pool-add', pool: name, limits })
      return save(name)
    },
    async set(name, limits) {
      happen({ kind: 'pool-set', pool: name, limits })
      return save(name)
    },
    async change(name, how) {
      happen({ kind: `pool-${how}`, pool: name })
      return save(name)
    },
    async join(name, signal) {
      const pool = namedPool(state, name)
      if (!pool.closed)
        throw failed(
          'invalid-params',
          `The pool "${name}" is not closed, so it may never be empty. Close it before you join it.`,
        )
      if (pool.waiting.size + pool.active + pool.reserved.size === 0) return pool
      signal.throwIfAborted()
      await new Promise<void>((resolve, reject) => {
        const all = joining.get(name) ?? new Set()
        joining.set(name, all.add(resolve))
        const leave = (): void => {
          all.delete(resolve)
          reject(signal.reason as Error)
        }
        signal.addEventListener('abort', leave, { once: true })
      })
      return pool
    },

    /** A closed pool has nothing left. */
    drained(name) {
      for (const resolve of joining.get(name) ?? []) resolve()
      joining.delete(name)
    },
    /** Takes up the pools of an earlier service. */
    async restore() {
      for (const { name, concurrency, capacity, paused, closed } of await database.ask('pool.list')) {
        const flags = { paused: paused === 1, closed: closed === 1 }
        state.pools.set(name, emptyPool(name, { concurrency, capacity, ...flags }))
      }
    },
  }
}
