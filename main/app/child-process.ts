import { setTimeout as delay } from 'node:timers/promises'
import { MessageChannelMain, utilityProcess } from 'electron'
import type { LoopLag, StatementCounts } from '#contract/processes.ts'
import { heartbeatContract, type Delivery } from '#contract/supervision.ts'
import { connect } from '#kit/client.ts'
import { dialWithEnvelopes } from '#kit/dial.ts'
import { electronPort, transferList } from '#kit/electron-port.ts'
import type { Port } from '#kit/port.ts'

/** How often a child is asked for a sign of life. */
const HEARTBEAT_INTERVAL_MS = 1_000
/** Beats without an answer after which a child counts as not responding. Beats, not time: a suspended main sends none. */
const MISSED_BEATS = 8
/** How long a child may take to put on disk what must be there when it is asked to end. */
const SHUTDOWN_DEADLINE_MS = 2_000

export interface ChildOptions {
  /** Absolute path of the built entry file. */
  readonly entry: string
  readonly args: readonly string[]
  /** Shown by the system's own process list. */
  readonly serviceName: string
  /** A line that the child wrote to its standard error. */
  readonly onLog: (line: string) => void
  /** The child has not answered for a while, though it should. */
  readonly onSilent: () => void
}

/** A utility process that main has forked and watches. */
export interface ChildProcess {
  /** Resolves with the pid once it runs; rejects when it could not be started. */
  readonly started: Promise<number>
  /** Resolves when the process is gone, for whatever reason. */
  readonly gone: Promise<void>
  readonly pid: number | undefined
  /** As of the last heartbeat; null before the first. */
  readonly lag: LoopLag | null
  /** Of a query host, as of the last heartbeat. */
  readonly statements: StatementCounts | undefined
  readonly silent: boolean
  /** While expected silence is set, missing heartbeats are no fault. */
  expectSilence(expected: boolean): void
  /** Makes a channel, hands one end to the child in the given role and returns the other, to keep or to pass on. */
  deliver(role: Delivery['role']): Port
  /** Asks the child to finish its writing, then ends it. */
  shutdown(): Promise<void>
  /** Ends it at once, whatever it is doing. */
  kill(): Promise<void>
}

/** Forks a utility process, keeps asking for signs of life and passes its log on. */
export function forkChild(options: ChildOptions): ChildProcess {
  const child = utilityProcess.fork(options.entry, [...options.args], {
    serviceName: options.serviceName,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      for (const line of chunk.toString().trimEnd().split('\n')) options.onLog(line)
    })
  }
  let pid: number | undefined
  let ended = false
  const started = new Promise<number>((resolve, reject) => {
    child.once('spawn', () => {
      pid = child.pid
      if (pid === undefined) reject(new Error(`${options.serviceName} ended while it was being started.`))
      else resolve(pid)
    })
    child.once('exit', () => reject(new Error(`${options.serviceName} could not be started.`)))
  })
  started.catch(() => undefined)
  const gone = new Promise<void>((resolve) => {
    child.once('exit', (code) => {
      options.onLog(`process ${pid ?? 'without a number'} ended with ${code}`)
      ended = true
      clearInterval(beat)
      resolve()
    })
  })

  function deliver(role: Delivery['role']): Port {
    const { port1, port2 } = new MessageChannelMain()
    const message: Delivery = { role }
    child.postMessage(message, transferList([electronPort(port1)]))
    return electronPort(port2)
  }

  const heartbeatPort = deliver('heartbeat')
  const heart = connect(heartbeatContract, heartbeatPort, dialWithEnvelopes(heartbeatPort))
  let lag: LoopLag | null = null
  let statements: StatementCounts | undefined
  let missed = 0
  let silenceExpected = false
  let waiting = false
  const beat = setInterval(() => {
    if (waiting) {
      missed += 1
      if (missed === MISSED_BEATS && !silenceExpected) options.onSilent()
      return
    }
    waiting = true
    heart.call('heartbeat', {}).then(
      (answer) => {
        lag = answer.lag
        statements = answer.statements
        missed = 0
        waiting = false
      },
      () => undefined, // The process has ended; `gone` says so.
    )
  }, HEARTBEAT_INTERVAL_MS)

  async function kill(): Promise<void> {
    if (!ended) {
      const target = await started.catch(() => undefined)
      if (target !== undefined) endNow(target)
    }
    await gone
  }

  return {
    started,
    gone,
    get pid() {
      return pid
    },
    get lag() {
      return lag
    },
    get statements() {
      return statements
    },
    get silent() {
      return missed >= MISSED_BEATS && !silenceExpected
    },
    expectSilence(expected) {
      silenceExpected = expected
      missed = 0
    },
    deliver,
    async shutdown() {
      // A child that hangs or has ended cannot answer; it is ended all the same.
      const answered = heart.call('shutdown', {}).catch(() => undefined)
      await Promise.race([answered, delay(SHUTDOWN_DEADLINE_MS)])
      await kill()
    },
    kill,
  }
}

/** Ends a process by KILL, because a stopped one does not act on TERM. */
function endNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
    // It has ended by itself in this very moment; its exit event is on the way.
  }
}
