import { execFile, fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { MessageChannel } from 'node:worker_threads'
import { brokerContract, type BrokerContract } from '#contract/supervision.ts'
import { connect, type Client } from '#kit/client.ts'
import { dialWithEnvelopes } from '#kit/dial.ts'
import { nodePort } from '#kit/node-port.ts'
import type { Port } from '#kit/port.ts'

const HOST = new URL('../../query-host/host-process-fixture.ts', import.meta.url)

/** A broker of real processes, as main is one, without Electron. */
export interface TestBroker {
  readonly client: Client<BrokerContract>
  /** Every host that was forked and has not ended. */
  readonly hosts: ReadonlyMap<number, ChildProcess>
  /** How many were forked in all. */
  readonly forked: number
  /** Resolves when every host has ended. */
  close(): Promise<void>
}

/**
 * Forks query hosts as child processes. The client answers as the one over a port does; only the handing over of the
 * host's port is done in this process, because ports do not travel between plain Node processes.
 * @param secret what is kept for everybody, until another one is written.
 * @param extension whether the hosts use the SQLite extension, which is there when it could be built.
 */
export function openTestBroker(extension: 'on' | 'off' = 'off', secret: string | null = null): TestBroker {
  const hosts = new Map<number, ChildProcess>()
  let nextId = 1
  let kept = secret

  function start(): { hostId: number; pid: number; port: Port } {
    const child = fork(HOST, {
      serialization: 'advanced',
      execArgv: [],
      env: { ...process.env, OFFLOOP_ACCELERATOR: extension },
    })
    const hostId = nextId++
    hosts.set(hostId, child)
    child.once('exit', () => hosts.delete(hostId))
    return { hostId, pid: child.pid ?? 0, port: childPort(child) }
  }

  async function kill(hostId: number): Promise<void> {
    const child = hosts.get(hostId)
    if (!child) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  /** As main knows it. */
  async function memoryOf(hostId: number): Promise<number | null> {
    const pid = hosts.get(hostId)?.pid
    if (pid === undefined) return null
    const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)])
    return Number(stdout) * 1024
  }

  // The real client type over a port that nobody answers, with the methods done here.
  const { port1, port2 } = new MessageChannel()
  const unused = nodePort(port1)
  const base = connect(brokerContract, unused, dialWithEnvelopes(unused))
  const client: Client<BrokerContract> = {
    ...base,
    async call(method, params) {
      if (method === 'host.kill' && 'hostId' in params) await kill(params.hostId)
      if (method === 'host.memory' && 'hostId' in params)
        return { bytes: await memoryOf(params.hostId) } as never
      if (method === 'secret.read') return { secret: kept } as never
      if (method === 'secret.write' && 'secret' in params) {
        kept = params.secret
        return { kept: 'memory' } as never
      }
      return {} as never
    },
    async callForPorts() {
      const { port, ...value } = start()
      return { value: value as never, ports: [port] }
    },
  }
  return {
    client,
    hosts,
    get forked() {
      return nextId - 1
    },
    async close() {
      await Promise.all([...hosts.keys()].map(kill))
      unused.close()
      port2.close()
    },
  }
}

function childPort(child: ChildProcess): Port {
  return {
    post(message) {
      // What a process that is just being killed does not take any more is told with its end.
      if (child.connected) child.send(message as object, () => undefined)
    },
    onMessage(listener) {
      child.on('message', (message) => listener(message, []))
    },
    onClose(listener) {
      if (child.exitCode !== null || child.signalCode !== null) listener()
      else child.once('exit', listener)
    },
    close() {
      child.disconnect()
    },
  }
}
