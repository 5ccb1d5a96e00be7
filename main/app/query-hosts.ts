import { join } from 'node:path'
import type { ProcessInfo } from '#contract/processes.ts'
import { brokerContract, type BrokerContract } from '#contract/supervision.ts'
import type { Port } from '#kit/port.ts'
import { failed } from '#kit/request-failed.ts'
import { serve, WithPorts, type Handlers } from '#kit/serve.ts'
import { forkChild, type ChildProcess } from './child-process.ts'
import type { Notices } from './notices.ts'
import { readMemory } from './read-memory.ts'

/** The query hosts that main has forked for the service. */
export interface QueryHosts {
  /** Answers the service's requests to fork and kill hosts, on the broker port of that service process. */
  serveBroker(port: Port): void
  /** Ends the host with that pid, whatever it is doing: its query fails. @returns whether there was one. */
  end(pid: number): Promise<boolean>
  /** Ends every host, for a service that is gone cannot take their answers. */
  killAll(): Promise<void>
  readonly table: readonly ProcessInfo[]
}

interface Host {
  readonly about: string
  readonly child: ChildProcess
  busy: boolean
  /** Its end was asked for: no notice then. */
  wanted: boolean
}

/** What the service asks about the app itself. */
export type AppAnswers = Pick<
  Handlers<BrokerContract>,
  'app.describe' | 'app.quit' | 'secret.read' | 'secret.write'
>

/** Keeps the table of query hosts. @param code the folder of the built processes. */
export function makeQueryHosts(
  code: string,
  notices: Notices,
  log: (line: string) => void,
  answers: AppAnswers,
): QueryHosts {
  const hosts = new Map<number, Host>()
  let nextId = 1

  async function fork(about: string): Promise<WithPorts<{ hostId: number; pid: number }>> {
    const hostId = nextId++
    const child = forkChild({
      entry: join(code, 'query-host.js'),
      args: [],
      serviceName: `Offloop Query Host ${hostId}`,
      onLog: (line) => log(`query host ${hostId}: ${line}`),
      // Outside a statement a host answers at once: one that does not is of no use to anybody.
      onSilent: () => void child.kill(),
    })
    const host: Host = { about, child, busy: false, wanted: false }
    hosts.set(hostId, host)
    void child.gone.then(() => {
      hosts.delete(hostId)
      if (!host.wanted) notices.add('query-host-ended', about)
    })
    const pid = await child.started.catch((error: unknown) => {
      throw failed('host-lost', `A process for "${about}" could not be started: ${String(error)}. Try again.`)
    })
    return new WithPorts({ hostId, pid }, [child.deliver('session')])
  }

  async function kill(hostId: number): Promise<void> {
    const host = hosts.get(hostId)
    if (!host) return
    host.wanted = true
    await host.child.kill()
  }

  return {
    serveBroker(port) {
      serve(
        brokerContract,
        port,
        {
          ...answers,
          'host.fork': ({ about }) => fork(about),
          async 'host.kill'({ hostId }) {
            await kill(hostId)
            return {}
          },
          'host.memory'({ hostId }) {
            const pid = hosts.get(hostId)?.child.pid
            return { bytes: pid === undefined ? null : (readMemory().get(pid) ?? null) }
          },
          'host.busy'({ hostId, busy }) {
            const host = hosts.get(hostId)
            if (host) {
              host.busy = busy
              host.child.expectSilence(busy)
            }
            return {}
          },
        },
        { onTrouble: log },
      )
    },
    async end(pid) {
      const host = [...hosts.values()].find(({ child }) => child.pid === pid)
      await host?.child.kill()
      return host !== undefined
    },
    async killAll() {
      await Promise.all([...hosts.keys()].map(kill))
    },
    get table() {
      return [...hosts.values()].map(({ about, child, busy }): ProcessInfo => {
        const state =
          child.pid === undefined ? 'starting' : busy ? 'busy' : child.silent ? 'not-responding' : 'ready'
        return {
          role: 'query-host',
          about,
          pid: child.pid ?? 0,
          state,
          lag: child.lag,
          memoryBytes: null,
          cores: null,
          restarts: 0,
          ...(child.statements === undefined ? {} : { statements: child.statements }),
        }
      })
    },
  }
}
