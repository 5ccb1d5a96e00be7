import { access, open } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { engineOf, type PlanStep } from '#contract/database.ts'
import type { ServiceContract } from '#contract/service.ts'
import type { BrokerContract } from '#contract/supervision.ts'
import type { Client } from '#kit/client.ts'
import { failed, failureOf } from '#kit/request-failed.ts'
import type { Handlers } from '#kit/serve.ts'
import { databaseName } from '../queries/database-name.ts'
import { forkHost, type Host, type HostTarget } from '../queries/fork-host.ts'
import type { Lease, LeaseRequest } from '../queries/host-pool.ts'
import type { HostMemory } from '../queries/guard-memory.ts'
import { createServerSlots, type ServerSlots } from '../queries/server-slots.ts'
import { Stopped, untilStopped } from '../queries/until-stopped.ts'
import { openSession, type Session } from './session.ts'

/** Each has a process of about 20 MB of its own; more at once are a script that forgets to close them. */
const MAX_SESSIONS = 64
/**
 * How long a server may take to confirm a cancel in a session, whose transaction would be lost with it: its host gives it
 * up after 5 s by itself.
 */
const SERVER_CANCEL_MS = 6_000

export type SessionMethods = 'session.open' | 'session.execute' | 'session.state'

/**
 * Connections that last for as long as somebody holds them, beside the pool's: each in a query host of its own, or for a
 * server together in one.
 */
export interface Sessions {
  readonly handlers: Pick<Handlers<ServiceContract>, SessionMethods>
  /**
   * Lends the connection of a session for one run, after those that were asked for before.
   * @throws RequestFailed `not-found` when it has ended; the signal's reason.
   */
  lease(id: number, request: Pick<LeaseRequest, 'signal' | 'onWaiting'>): Promise<Lease>
  /** How the engine would run a statement there. @throws RequestFailed `not-found` when it has ended, or `database`. */
  explain(id: number, sql: string, signal: AbortSignal): Promise<{ steps: PlanStep[] }>
  /** Has new connections of a server's user made with another password. */
  readonly setPassword: ServerSlots['setPassword']
}

/**
 * Starts without any session.
 * @param broker main, which forks and ends query hosts.
 * @param memory what the process of a session may hold.
 */
export function openSessions(broker: Client<BrokerContract>, memory?: HostMemory): Sessions {
  const sessions = new Map<number, Session>()
  let nextId = 1
  let starting = 0
  const fork = (target: HostTarget): Promise<Host> =>
    forkHost(broker, target, databaseName(target.database), memory)
  const slots = createServerSlots(fork, SERVER_CANCEL_MS)

  async function start(database: string, mode: 'read-only' | 'read-write'): Promise<Host> {
    if (sessions.size + starting >= MAX_SESSIONS) {
      throw failed('queue-full', `${MAX_SESSIONS} sessions are open already. Close one of them first.`)
    }
    starting += 1
    try {
      const target = { database, mode }
      return await (engineOf(database) === 'postgres' ? slots.take(target) : fork(target))
    } finally {
      starting -= 1
    }
  }

  /**
   * Has a change that the end of a session broke off put back at once: whoever may only read could not do it, and would
   * have to wait for somebody who may write.
   */
  async function putBack(target: HostTarget): Promise<void> {
    if (target.mode === 'read-only' || engineOf(target.database) === 'postgres') return
    try {
      await access(`${target.database}-journal`)
      await (await fork(target)).end()
    } catch {
      // Nothing was broken off; or it cannot be put back now, as on a full disk, and the next writer does it.
    }
  }

  function sessionOf(id: number): Session {
    const session = sessions.get(id)
    if (!session) throw failed('not-found', `There is no session ${id}. It has ended; open a new one.`)
    return session
  }

  return {
    lease: async (id, request) => sessionOf(id).lease(request),
    explain: async (id, sql, signal) => sessionOf(id).explain(sql, signal),
    setPassword: slots.setPassword,
    handlers: {
      async 'session.open'({ database, mode, create }, { emit, signal }) {
        if (create) await makeMissing(database)
        const host = await start(database, mode)
        const id = nextId++
        const session = openSession(host)
        sessions.set(id, session)
        // Its process is its owner's alone: when it is silent, it is inside a statement.
        host.setBusy(true)
        try {
          await emit({ session: id })
          if (engineOf(database) === 'postgres') void endWithConnection(session)
          await ended(host, signal)
          signal.throwIfAborted()
          throw failed(
            'host-lost',
            'The connection of this session has ended; what it had not committed was rolled back. Open a new session.',
          )
        } finally {
          sessions.delete(id)
          await host.kill()
          await putBack({ database, mode })
        }
      },
      'session.state': async ({ session }) => ({ transaction: await sessionOf(session).transaction() }),
      async 'session.execute'({ session, ...statement }, { emit, signal }) {
        const { host } = sessionOf(session)
        try {
          return await untilStopped(host, signal, async (stopToken) => {
            const running = host.client.stream('statement.execute', { ...statement, stopToken }, { signal })
            for await (const rows of running) await emit(rows)
            return await running.result
          })
        } catch (error) {
          // A server's connection may have gone without its process: whoever holds the session is told that it is over.
          if (failureOf(error).code === 'host-lost' && !host.gone) await host.kill()
          throw error instanceof Stopped ? explained(error) : error
        }
      },
    },
  }
}

/** A server may end a connection without its process, as when a transaction has been idle for too long. */
async function endWithConnection({ host, transaction }: Session): Promise<void> {
  try {
    await host.client.call('connectionEnd', {})
    // What was running says first what has become of it.
    await transaction()
  } catch {
    // That the connection has ended, or its process, is what this is about.
  }
  await host.kill()
}

/** Says what a stop has left of the session. */
function explained(stopped: Stopped): unknown {
  const { how, cause, code } = stopped
  if (how === 'interrupted') return cause
  if (how !== 'process-ended') return stopped
  return failed(
    code,
    'The statement could not be stopped otherwise, so its process was ended, and its session with it. What the session had not committed was rolled back. Open a new session.',
  )
}

/** An empty file is a database without tables. */
async function makeMissing(path: string): Promise<void> {
  if (engineOf(path) === 'postgres') {
    throw failed(
      'invalid-params',
      'A database on a server is made by a statement: open another one there, and run CREATE DATABASE.',
    )
  }
  if (engineOf(path) !== 'sqlite' || !isAbsolute(path))
    throw failed('invalid-params', `No database can be made at ${path}. Give the whole path of a file.`)
  try {
    await (await open(path, 'ax')).close()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code === 'EEXIST') return
    throw failed('database', `${path} could not be made (${code}). Check its folder and its permissions.`, {
      engineCode: code,
    })
  }
}

function ended(host: Host, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    host.onGone(resolve)
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
