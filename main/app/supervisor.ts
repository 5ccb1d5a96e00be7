import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { ProcessInfo } from '#contract/processes.ts'
import type { Port } from '#kit/port.ts'
import { forkChild, type ChildProcess } from './child-process.ts'
import type { Notices } from './notices.ts'
import type { Places } from './places.ts'
import type { QueryHosts } from './query-hosts.ts'
import { decideRestart } from './restart-policy.ts'

/** Keeps the service alive. */
export interface Supervisor {
  /** A new session port to the service, or undefined while it is stopped. */
  openSession(): Port | undefined
  /** Is called whenever a service has been started, so that windows get sessions to it. */
  onStarted(listener: () => void): void
  /** Starts a service that had ended too often, at the person's wish. */
  restart(): void
  /** Ends the service if it has that pid, whatever it is doing; another is started. @returns whether it had it. */
  end(pid: number): Promise<boolean>
  /** Ends the service and its query hosts, after what must be on disk is there. */
  shutdown(): Promise<void>
  readonly table: ProcessInfo
}

type ServiceState =
  /** It is not begun yet. */
  | { readonly kind: 'due' }
  | { readonly kind: 'running'; readonly child: ChildProcess }
  /** It ended too often. */
  | { readonly kind: 'stopped' }
  | { readonly kind: 'shutting-down' }

/**
 * Forks the service and forks it again when it ends, up to a limit.
 * @param due when the first one is forked.
 */
export function superviseService(
  places: Places,
  hosts: QueryHosts,
  notices: Notices,
  log: (line: string) => void,
  due: Promise<void>,
): Supervisor {
  const listeners: (() => void)[] = []
  let ends: readonly number[] = []
  let restarts = 0
  /** Somebody has ended it by hand, which is no fault of its own. */
  let wanted = false
  let state: ServiceState = { kind: 'due' }

  function start(): void {
    const child = forkChild({
      entry: join(places.code, 'service.js'),
      args: [`--profile=${places.profile}`, `--resources=${places.resources}`],
      serviceName: 'Offloop Service',
      onLog: (line) => log(`service: ${line}`),
      onSilent() {
        notices.add('service-not-responding')
        void child.kill()
      },
    })
    state = { kind: 'running', child }
    hosts.serveBroker(child.deliver('broker'))
    void child.gone.then(ended)
    for (const listener of listeners) listener()
  }

  async function ended(): Promise<void> {
    if (state.kind === 'shutting-down') return
    await hosts.killAll()
    const decision = wanted ? { restart: true, ends } : decideRestart(ends, performance.now())
    wanted = false
    ends = decision.ends
    if (decision.restart) {
      restarts += 1
      start()
      notices.add('service-restarted')
    } else {
      state = { kind: 'stopped' }
      notices.add('service-stopped')
    }
  }

  void due.then(() => {
    if (state.kind === 'due') start()
  })

  function stateWord(child: ChildProcess | undefined): ProcessInfo['state'] {
    if (state.kind === 'due') return 'starting'
    if (!child) return 'stopped'
    if (child.pid === undefined) return 'starting'
    return child.silent ? 'not-responding' : 'ready'
  }

  return {
    openSession: () => (state.kind === 'running' ? state.child.deliver('session') : undefined),
    onStarted: (listener) => void listeners.push(listener),
    restart() {
      if (state.kind !== 'stopped') return
      ends = []
      restarts += 1
      start()
    },
    async end(pid) {
      if (state.kind !== 'running' || state.child.pid !== pid) return false
      wanted = true
      await state.child.kill()
      return true
    },
    async shutdown() {
      const { kind } = state
      if (kind === 'shutting-down') return
      const child = state.kind === 'running' ? state.child : undefined
      state = { kind: 'shutting-down' }
      await child?.shutdown()
      await hosts.killAll()
    },
    get table(): ProcessInfo {
      const child = state.kind === 'running' ? state.child : undefined
      return {
        role: 'service',
        about: '',
        pid: child?.pid ?? 0,
        state: stateWord(child),
        lag: child?.lag ?? null,
        memoryBytes: null,
        cores: null,
        restarts,
      }
    },
  }
}
