import type { Host, HostTarget } from './fork-host.ts'

/** One process for each server's database and mode, shared by hosts that are slots of it. */
export interface ServerSlots {
  /** A host that is a slot of the target's process, which is started for the first. @throws as starting does. */
  take(target: HostTarget): Promise<Host>
}

interface Server {
  readonly process: Promise<Host>
  slots: number
  /** Told when the process is gone. */
  readonly leaving: Set<() => void>
}

/**
 * Shares processes that never block among many statements. A slot never ends the process under the others: a statement
 * that is told to stop is stopped by the process itself, within a second, whatever its server does.
 * @param start starts a process with the target open in it.
 */
export function createServerSlots(start: (target: HostTarget) => Promise<Host>): ServerSlots {
  const servers = new Map<string, Server>()

  function serverFor(target: HostTarget): Server {
    const key = `${target.mode}:${target.database}`
    const known = servers.get(key)
    if (known) return known
    const server: Server = { process: start(target), slots: 0, leaving: new Set() }
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
    async take(target) {
      const server = serverFor(target)
      server.slots += 1
      const host = await server.process
      const listeners: (() => void)[] = []
      let left: Promise<void> | undefined

      function tell(): void {
        server.leaving.delete(tell)
        for (const listener of listeners.splice(0)) listener()
      }
      async function leave(): Promise<void> {
        server.slots -= 1
        tell()
        if (server.slots > 0) return
        for (const [key, { process }] of servers) if (process === server.process) servers.delete(key)
        await host.end()
      }
      server.leaving.add(tell)
      return {
        pid: host.pid,
        client: {
          ...host.client,
          // Closing the database would close it for the others.
          call: (method, params, options) =>
            method === 'close' ? Promise.resolve({} as never) : host.client.call(method, params, options),
        },
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
