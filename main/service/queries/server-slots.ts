import { passwordOwner, readPostgresAddress } from '#contract/postgres-address.ts'
import type { Host, HostTarget } from './fork-host.ts'

/** What is for a connection that lasts, of which each slot has its own. */
const OWNED: ReadonlySet<string> = new Set([
  'execute',
  'statement.execute',
  'transaction',
  'connectionEnd',
  'explain',
  'edits.make',
  'edits.commit',
  'close',
])

/** One process for each server's database and mode, shared by hosts that are slots of it. */
export interface ServerSlots {
  /** A host that is a slot of the target's process, which is started for the first. @throws as starting does. */
  take(target: HostTarget): Promise<Host>
  /** Has the processes for a server's user make new connections with another password. */
  setPassword(owner: string, password: string | null): Promise<void>
}

interface Server {
  readonly target: HostTarget
  readonly process: Promise<Host>
  slots: number
  /** Told when the process is gone. */
  readonly leaving: Set<() => void>
}

/**
 * Shares processes that never block among many statements. A slot never ends the process under the others: a statement
 * that is told to stop is stopped by the process itself, within a second, whatever its server does.
 * @param start starts a process with the target open in it.
 * @param politeMs how long a slot may take to stop, where that is not the process's own time.
 */
export function createServerSlots(
  start: (target: HostTarget) => Promise<Host>,
  politeMs?: number,
): ServerSlots {
  const servers = new Map<string, Server>()
  let nextOwner = 1

  function serverFor(target: HostTarget): Server {
    const key = `${target.mode}:${target.database}`
    const known = servers.get(key)
    if (known) return known
    const server: Server = { target, process: start(target), slots: 0, leaving: new Set() }
    servers.set(key, server)
    const forget = (): void => {
      if (servers.get(key) === server) servers.delete(key)
    }
    server.process.then((host) => {
      host.onGone(() => {
        forget()
        for (const leave of [...server.leaving]) leave()
      })
    }, forget)
    return server
  }

  return {
    async setPassword(owner, password) {
      for (const { target, process } of servers.values()) {
        const read = readPostgresAddress(target.database)
        if (!read.ok || passwordOwner(read.address) !== owner) continue
        // One that could not be started, or has ended, needs none.
        await process.then((host) => host.client.call('setPassword', { password })).catch(() => undefined)
      }
    },
    async take(target) {
      const server = serverFor(target)
      server.slots += 1
      const owner = nextOwner++
      const host = await server.process
      const listeners: (() => void)[] = []
      let left: Promise<void> | undefined

      function owned<P extends object>(method: string, params: P): P {
        return OWNED.has(method) ? { ...params, owner } : params
      }
      function tell(): void {
        server.leaving.delete(tell)
        for (const listener of listeners.splice(0)) listener()
      }
      async function leave(): Promise<void> {
        server.slots -= 1
        tell()
        if (server.slots > 0) {
          // A process that has ended has no connection left.
          await host.client.call('close', { owner }).catch(() => undefined)
          return
        }
        for (const [key, { process }] of servers) if (process === server.process) servers.delete(key)
        await host.end()
      }
      server.leaving.add(tell)
      return {
        pid: host.pid,
        client: {
          ...host.client,
          call: (method, params, options) => host.client.call(method, owned(method, params), options),
          stream: (method, params, options) => host.client.stream(method, owned(method, params), options),
        },
        politeMs: politeMs ?? host.politeMs,
        get gone() {
          return left !== undefined || host.gone
        },
        onGone(listener) {
          if (left !== undefined || host.gone) listener()
          else listeners.push(listener)
        },
        // Its process answers while statements run: silence does mean that something is wrong.
        setBusy: () => undefined,
        guardMemory: host.guardMemory,
        interrupt: () => undefined,
        kill: () => (left ??= leave()),
        end: () => (left ??= leave()),
      }
    },
  }
}
