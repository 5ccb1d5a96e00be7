import { availableParallelism } from 'node:os'
import { engineOf } from '#contract/database.ts'
import type { WaitingReason } from '#contract/run.ts'
import type { BrokerContract } from '#contract/supervision.ts'
import type { Client } from '#kit/client.ts'
import { failed } from '#kit/request-failed.ts'
import { databaseName } from './database-name.ts'
import { forkHost, type Host, type HostTarget } from './fork-host.ts'
import type { HostMemory } from './guard-memory.ts'
import { createServerSlots } from './server-slots.ts'

/** A statement uses one core: more hosts than cores would not be quicker, but two let a short one pass a long one. */
const MIN_HOSTS = 2
/** A server works for all of its clients and takes about a hundred of them: more from one person would be felt. */
const SERVER_STATEMENTS = 8
/** A host takes 150 to 210 ms to fork and 20 MB of its own: worth keeping for a minute of thinking between two queries. */
const IDLE_MS = 60_000
/** How long the last host of a database stays, so that the next query of the afternoon starts at once. */
const WARM_MS = 600_000
/** The schema and the check of an opened file are read beyond the limit, so that they never wait for long queries. */
const SPARE_HOSTS = 1

export interface LeaseRequest extends HostTarget {
  /** What it is for: a `statement` counts against the limit, something `quick` may use the spare host. */
  readonly use: 'statement' | 'quick'
  /** Gives the waiting up; a host that is being started for it goes to the next one. */
  readonly signal?: AbortSignal
  /** Told why it waits, whenever that changes. */
  readonly onWaiting?: (reason: WaitingReason) => void
}

/** A host that is one caller's alone until it is released. */
export interface Lease extends Pick<
  Host,
  'pid' | 'client' | 'politeMs' | 'guardMemory' | 'interrupt' | 'kill'
> {
  /** Gives the host back; a second time does nothing. */
  release(): void
}

/** Query hosts by database and mode: forked when needed, lent for one statement at a time, ended when idle. */
export interface HostPool {
  /** Waits in line for a host. @throws RequestFailed `database` or `not-found` when the file cannot be opened. */
  lease(request: LeaseRequest): Promise<Lease>
  /** How many hosts there are for a database. */
  size(target: HostTarget): number
  /** Has new connections of a server's user made with another password. */
  setPassword(owner: string, password: string | null): Promise<void>
  /** Ends every host and refuses what waits. */
  close(): Promise<void>
}

export interface HostPoolOptions {
  readonly broker: Client<BrokerContract>
  /** The most hosts of one database; by default as many as there are cores, at least two. */
  readonly limit?: number
  readonly idleMs?: number
  readonly warmMs?: number
  /** What a host may hold; see `guard-memory.ts`. */
  readonly memory?: HostMemory | undefined
  /** Told of a host that could not be ended; for the log. */
  readonly onTrouble: (message: string, cause: unknown) => void
}

interface Waiter {
  readonly request: LeaseRequest
  readonly resolve: (lease: Lease) => void
  readonly reject: (error: Error) => void
  reason: WaitingReason['kind'] | undefined
}

interface Group {
  readonly target: HostTarget
  readonly idle: Host[]
  busy: number
  /** Of the busy ones, those that run a statement. */
  statements: number
  starting: number
  /** In order of arrival. */
  readonly waiting: Waiter[]
}

/** Makes an empty pool. Each database and mode has its own limit and its own line. */
export function createHostPool(options: HostPoolOptions): HostPool {
  const { broker, onTrouble, idleMs = IDLE_MS, warmMs = WARM_MS } = options
  const fileLimit = options.limit ?? Math.max(MIN_HOSTS, availableParallelism())
  const fork = (target: HostTarget): Promise<Host> =>
    forkHost(broker, target, databaseName(target.database), options.memory)
  const slots = createServerSlots(fork)
  const groups = new Map<string, Group>()
  const hosts = new Set<Host>()
  const idleTimers = new Map<Host, NodeJS.Timeout>()
  const lent = new Set<Host>()
  let closed = false

  function groupOf({ database, mode }: HostTarget): Group {
    const key = `${mode}:${database}`
    let group = groups.get(key)
    if (!group)
      groups.set(
        key,
        (group = { target: { database, mode }, idle: [], busy: 0, statements: 0, starting: 0, waiting: [] }),
      )
    return group
  }

  const sizeOf = ({ idle, busy, starting }: Group): number => idle.length + busy + starting
  const isServer = ({ target }: Group): boolean => engineOf(target.database) === 'postgres'
  const limitOf = (group: Group): number => (isServer(group) ? SERVER_STATEMENTS : fileLimit)

  /** Serves the line from its head: with idle hosts, then by starting hosts, then by saying why it waits. */
  function pump(group: Group): void {
    const limit = limitOf(group)
    for (const waiter of [...group.waiting]) {
      const { use } = waiter.request
      if (use === 'statement' && group.statements >= limit) continue
      const host = group.idle.pop()
      if (!host) break
      group.waiting.splice(group.waiting.indexOf(waiter), 1)
      waiter.resolve(lend(group, host, use))
    }
    let promised = 0
    let statements = group.statements
    for (const waiter of group.waiting) {
      const { use } = waiter.request
      const allowed = use === 'quick' || statements < limit
      if (allowed && group.starting <= promised && sizeOf(group) < limit + SPARE_HOSTS) start(group)
      if (allowed && group.starting > promised) {
        promised += 1
        if (use === 'statement') statements += 1
        tell(waiter, { kind: 'starting' })
      } else tell(waiter, { kind: 'hosts-busy', limit })
    }
  }

  function tell(waiter: Waiter, reason: WaitingReason): void {
    if (waiter.reason === reason.kind) return
    waiter.reason = reason.kind
    waiter.request.onWaiting?.(reason)
  }

  function start(group: Group): void {
    group.starting += 1
    const starting = isServer(group) ? slots.take(group.target) : fork(group.target)
    starting.then(
      (host) => {
        group.starting -= 1
        if (closed)
          return void host
            .kill()
            .catch((error: unknown) => onTrouble('A query host could not be ended.', error))
        if (!host.gone) {
          hosts.add(host)
          rest(group, host)
        }
        host.onGone(() => forget(group, host))
        pump(group)
      },
      (error: unknown) => {
        group.starting -= 1
        // Whoever has waited longest is told; for the others it is tried again.
        group.waiting.shift()?.reject(error instanceof Error ? error : new Error(String(error)))
        pump(group)
      },
    )
  }

  /** Puts a host at rest; the one used last is used first, so that the others grow old and end. */
  function rest(group: Group, host: Host): void {
    group.idle.push(host)
    setIdleTimer(group, host, 'idle')
  }

  function setIdleTimer(group: Group, host: Host, stage: 'idle' | 'warm'): void {
    clearTimeout(idleTimers.get(host))
    const timer = setTimeout(
      () => {
        const last = sizeOf(group) === 1
        if (last && stage === 'idle') setIdleTimer(group, host, 'warm')
        else void retire(group, host)
      },
      stage === 'idle' ? idleMs : Math.max(0, warmMs - idleMs),
    )
    // An idle host keeps nobody from ending.
    timer.unref()
    idleTimers.set(host, timer)
  }

  function forget(group: Group, host: Host): void {
    clearTimeout(idleTimers.get(host))
    idleTimers.delete(host)
    hosts.delete(host)
    const index = group.idle.indexOf(host)
    if (index !== -1) group.idle.splice(index, 1)
    if (closed) return
    // What its statement had begun to change is put back by the next connection that may write: have one at once, so
    // that those that may only read need not wait for the person's next change.
    if (lent.delete(host) && group.target.mode === 'read-write') start(group)
    pump(group)
  }

  async function retire(group: Group, host: Host): Promise<void> {
    const index = group.idle.indexOf(host)
    if (index === -1) return
    group.idle.splice(index, 1)
    idleTimers.delete(host)
    try {
      await host.end()
    } catch (error) {
      onTrouble(`The idle query host ${host.pid} could not be ended.`, error)
    }
  }

  function lend(group: Group, host: Host, use: LeaseRequest['use']): Lease {
    clearTimeout(idleTimers.get(host))
    idleTimers.delete(host)
    const statements = use === 'statement' ? 1 : 0
    lent.add(host)
    group.busy += 1
    group.statements += statements
    host.setBusy(true)
    let released = false
    let killed = false
    function release(): void {
      if (released) return
      released = true
      lent.delete(host)
      group.busy -= 1
      group.statements -= statements
      host.setBusy(false)
      if (!host.gone && !killed && !closed) rest(group, host)
      pump(group)
    }
    async function kill(): Promise<void> {
      killed = true
      await host.kill()
    }
    const { pid, client, politeMs, guardMemory, interrupt } = host
    return { pid, client, politeMs, guardMemory, interrupt, kill, release }
  }

  return {
    lease(request) {
      const { signal } = request
      return new Promise<Lease>((resolve, reject) => {
        if (closed) return reject(failed('host-lost', 'Offloop is ending; no query is started any more.'))
        if (signal?.aborted) return reject(signal.reason as Error)
        const group = groupOf(request)
        const waiter: Waiter = {
          request,
          reason: undefined,
          resolve(lease) {
            signal?.removeEventListener('abort', giveUp)
            resolve(lease)
          },
          reject(error) {
            signal?.removeEventListener('abort', giveUp)
            reject(error)
          },
        }
        function giveUp(): void {
          const index = group.waiting.indexOf(waiter)
          if (index === -1) return
          group.waiting.splice(index, 1)
          reject(signal?.reason as Error)
          pump(group)
        }
        signal?.addEventListener('abort', giveUp, { once: true })
        group.waiting.push(waiter)
        pump(group)
      })
    },
    size: (target) => sizeOf(groupOf(target)),
    setPassword: slots.setPassword,
    async close() {
      closed = true
      const ending: Promise<void>[] = []
      for (const group of groups.values()) {
        for (const waiter of group.waiting.splice(0)) {
          waiter.reject(failed('host-lost', 'Offloop is ending; the query was not started.'))
        }
        for (const host of [...group.idle]) {
          hosts.delete(host)
          ending.push(retire(group, host))
        }
      }
      for (const host of hosts) ending.push(host.kill())
      await Promise.all(ending)
    },
  }
}
