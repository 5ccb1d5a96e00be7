import { engineOf } from '#contract/database.ts'
import { queryHostContract } from '#contract/query-host.ts'
import type { BrokerContract } from '#contract/supervision.ts'
import { connect, type Client } from '#kit/client.ts'
import { dialWithEnvelopes } from '#kit/dial.ts'
import { failed } from '#kit/request-failed.ts'
import type { QuerySpec } from '#contract/run.ts'
import { passwordFor } from '../secrets/serve-secrets.ts'
import { HOST_MEMORY, memoryGuards, type HostMemory, type MemoryGuard } from './guard-memory.ts'
import { connectInterrupter, type Interrupter } from './interrupter.ts'

/** How long an idle host may take to close its database before it is ended anyway. */
const CLOSE_DEADLINE_MS = 1_000

/**
 * How long a host may take to stop between two rows or inside its statement, before its process is ended: a cancel takes
 * effect within 1 s.
 */
const POLITE_CANCEL_MS = 300
/** The same for a host of a server, which gives up a server that does not confirm after 700 ms by itself. */
const SERVER_CANCEL_MS = 900

/** What a host is for. */
export type HostTarget = Pick<QuerySpec, 'database' | 'mode'>

export type QueryHostClient = Client<typeof queryHostContract>

/** A query host's process with its database open. */
export interface Host {
  readonly pid: number
  readonly client: QueryHostClient
  /** How long it may take to stop what it is doing before it is ended. */
  readonly politeMs: number
  /** Its process has ended, or its port has closed, which is the same. */
  readonly gone: boolean
  /** Calls back once when the host is gone, at once if it is. */
  onGone(listener: () => void): void
  /** Tells main whether its silence means anything. */
  setBusy(busy: boolean): void
  /** Ends the process if it comes to hold more memory than it may, until the guard is stopped. */
  guardMemory(): MemoryGuard
  /** Stops the request with a token, even inside a statement; does nothing where that is not possible. */
  interrupt(stopToken: string): void
  /** Ends the process, whatever it is doing; resolves when it is gone. */
  kill(): Promise<void>
  /** Closes the database, so that nothing is left beside it, then ends the process. */
  end(): Promise<void>
}

/**
 * Has main fork a host, and opens a database in it.
 * @throws RequestFailed `database` or `not-found` when the file cannot be opened, `host-lost` when there is no process.
 */
export async function forkHost(
  broker: Client<BrokerContract>,
  target: HostTarget,
  about: string,
  memory: HostMemory = HOST_MEMORY,
): Promise<Host> {
  const { value, ports } = await broker.callForPorts('host.fork', { about })
  const { hostId, pid } = value
  const [port] = ports
  const kill = async (): Promise<void> => {
    await broker.call('host.kill', { hostId })
  }
  if (!port) {
    await kill()
    throw failed('host-lost', 'A process for this database was started, but cannot be reached. Try again.')
  }
  let gone = false
  port.onClose(() => {
    gone = true
  })
  const client = connect(queryHostContract, port, dialWithEnvelopes(port))
  let interrupter: Interrupter | undefined
  try {
    const { database: path, mode } = target
    const password = await passwordFor(broker, path)
    const { interruptPath } = await client.call('open', {
      path,
      mode,
      ...(password === undefined ? {} : { password }),
    })
    if (interruptPath !== undefined) interrupter = connectInterrupter(interruptPath)
  } catch (error) {
    await kill()
    throw error
  }
  port.onClose(() => interrupter?.close())
  return {
    pid,
    client,
    politeMs: engineOf(target.database) === 'postgres' ? SERVER_CANCEL_MS : POLITE_CANCEL_MS,
    get gone() {
      return gone
    },
    onGone(listener) {
      port.onClose(listener)
    },
    setBusy(busy) {
      if (gone) return
      // Main being gone ends this process too; there is nobody to tell.
      broker.call('host.busy', { hostId, busy }).catch(() => undefined)
    },
    guardMemory: memoryGuards(
      {
        pid,
        askMain: async () => (await broker.call('host.memory', { hostId })).bytes,
        kill,
      },
      memory,
    ),
    interrupt(stopToken) {
      interrupter?.interrupt(stopToken)
    },
    kill,
    async end() {
      if (!gone) await client.call('close', {}, { deadlineMs: CLOSE_DEADLINE_MS }).catch(() => undefined)
      await kill()
    },
  }
}
