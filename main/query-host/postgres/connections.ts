import { connectToServer, type ServerConnection, type ServerTarget } from './connect.ts'
import { statementFailure } from './server-failure.ts'

/** Eight statements at once, as many as the pool lends, and one connection for the schema, which waits for none. */
export const MAX_CONNECTIONS = 9
/** How long a connection at rest may take to get ready; one that the network has forgotten never does. */
const READY_PATIENCE_MS = 3_000

/** The connections of one host to one server, each lent to one statement at a time. */
export interface Connections {
  /**
   * Lends a connection on which `prepare` has succeeded: one at rest, else a new one, else the first to come back.
   * @param prepare makes it ready and changes nothing on the server, for it is tried again where a connection at rest
   * turns out to be dead.
   * @throws RequestFailed `database`; the signal's reason.
   */
  lend(prepare: string, signal: AbortSignal): Promise<ServerConnection>
  /** Takes a connection back; it is cleaned before anybody else gets it. */
  takeBack(connection: ServerConnection): void
  /** Ends those at rest; the others end when they come back. */
  close(): Promise<void>
}

/** Makes an empty pool of at most MAX_CONNECTIONS. */
export function createConnections(target: ServerTarget, limit: number = MAX_CONNECTIONS): Connections {
  const resting: ServerConnection[] = []
  const waiting: (() => void)[] = []
  const cleaning = new Set<Promise<void>>()
  let size = 0
  let closed = false

  function forget(connection: ServerConnection): void {
    size -= 1
    connection.destroy()
    waiting.shift()?.()
  }

  async function room(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    const wake = (): void => resolve(undefined)
    const leave = (): void => {
      const at = waiting.indexOf(wake)
      if (at !== -1) waiting.splice(at, 1)
      reject(signal.reason as Error)
    }
    waiting.push(wake)
    signal.addEventListener('abort', leave, { once: true })
    try {
      await promise
      // Woken and cancelled in the same moment: the place goes on to the next one.
      if (signal.aborted) waiting.shift()?.()
    } finally {
      signal.removeEventListener('abort', leave)
    }
  }

  /** What the server answers, unless that takes too long or is no longer wanted. */
  async function answered(connection: ServerConnection, sql: string, signal?: AbortSignal): Promise<boolean> {
    const patience = AbortSignal.timeout(READY_PATIENCE_MS)
    const stop = signal ? AbortSignal.any([signal, patience]) : patience
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const giveUp = (): void => resolve(false)
    stop.addEventListener('abort', giveUp, { once: true })
    connection.client.query(sql).then(() => resolve(connection.alive), giveUp)
    return promise.finally(() => stop.removeEventListener('abort', giveUp))
  }

  async function startNew(prepare: string, signal: AbortSignal): Promise<ServerConnection> {
    size += 1
    let connection: ServerConnection
    try {
      connection = await connectToServer(target, signal)
    } catch (error) {
      size -= 1
      waiting.shift()?.()
      throw error
    }
    try {
      await connection.client.query(prepare)
      return connection
    } catch (error) {
      forget(connection)
      throw statementFailure(error, target.address)
    }
  }

  /** Undoes what a statement left open and forgets what it set. */
  async function clean(connection: ServerConnection): Promise<void> {
    connection.onNotice = () => undefined
    const { client } = connection
    const undone = client.getTransactionStatus() === 'I' || (await answered(connection, 'ROLLBACK'))
    // One that has died, or is in a state that nobody foresaw, is not kept: the next one starts afresh.
    if (!undone || !(await answered(connection, 'DISCARD ALL'))) return forget(connection)
    if (closed) {
      size -= 1
      await connection.end()
    } else {
      resting.push(connection)
      waiting.shift()?.()
    }
  }

  return {
    async lend(prepare, signal) {
      for (;;) {
        signal.throwIfAborted()
        const connection = resting.pop()
        if (connection) {
          if (connection.alive && (await answered(connection, prepare, signal))) return connection
          forget(connection)
          // Where one has died unnoticed, the others have too: a new one is quicker than finding out about each.
          for (const other of resting.splice(0)) forget(other)
        } else if (size < limit) return startNew(prepare, signal)
        else await room(signal)
      }
    },
    takeBack(connection) {
      if (!connection.alive) return forget(connection)
      const cleaned = clean(connection).finally(() => cleaning.delete(cleaned))
      cleaning.add(cleaned)
    },
    async close() {
      closed = true
      await Promise.all(cleaning)
      size -= resting.length
      await Promise.all(resting.splice(0).map((connection) => connection.end()))
    },
  }
}
