import type { TransactionState } from '#contract/statement.ts'
import { failed } from '#kit/request-failed.ts'
import { statementKeyword } from '../statement-keyword.ts'
import { lookForClient } from './client-check.ts'
import { connectToServer, type ServerConnection, type ServerTarget } from './connect.ts'
import type { LendConnection, LentConnection, StatementPlans } from './lend-connection.ts'
import { statementFailure } from './server-failure.ts'

/** What begins or ends a transaction, and so is not put into one. */
const TRANSACTION_CONTROL: ReadonlySet<string> = new Set([
  'BEGIN',
  'START',
  'COMMIT',
  'END',
  'ROLLBACK',
  'ABORT',
  'SAVEPOINT',
  'RELEASE',
])

/** How long a statement may take to be cancelled when its session ends; the connection is broken off after that. */
const END_PATIENCE_MS = 500

/** A connection that lasts from one statement to the next, with its transaction, settings and temporary tables. */
export interface ServerSession {
  /** Lends it to one statement after the other, in the order in which they ask. */
  readonly lend: LendConnection
  /** What is open. @throws RequestFailed `host-lost` when the connection has ended. */
  transaction(): TransactionState
  /** Resolves when its connection has ended. */
  readonly ended: Promise<void>
  /** Aborted when it ends. */
  readonly ending: AbortSignal
  /** Ends it, after what is running has heard of that; the server undoes what was not committed. */
  end(): Promise<void>
}

/** Makes a session, whose connection is opened for its first statement. */
export function openServerSession(target: ServerTarget, looksForClient: boolean): ServerSession {
  let connection: ServerConnection | undefined
  const ending = new AbortController()
  const ended = Promise.withResolvers<undefined>()
  let last: Promise<unknown> = Promise.resolve()

  async function connected(signal: AbortSignal): Promise<ServerConnection> {
    if (ending.signal.aborted || connection?.alive === false) throw lost()
    if (connection) return connection
    const opened = await connectToServer(target, signal)
    try {
      if (looksForClient) await opened.client.query(lookForClient('SET'))
    } catch (error) {
      opened.destroy()
      throw statementFailure(error, target.address)
    }
    connection = opened
    void opened.ended.then(() => ended.resolve(undefined))
    return opened
  }

  async function ready({ sql, commits }: StatementPlans, signal: AbortSignal): Promise<LentConnection> {
    const lent = await connected(signal)
    const { client } = lent
    const isControl = TRANSACTION_CONTROL.has(statementKeyword(sql))
    const isOpen = client.getTransactionStatus() !== 'I'
    const begins = !isOpen && !isControl && (target.mode === 'read-only' || commits === 'manual')
    try {
      if (begins) await client.query(target.mode === 'read-only' ? 'BEGIN READ ONLY' : 'BEGIN')
      else if (target.mode === 'read-only' && client.getTransactionStatus() === 'T') {
        // Whatever a BEGIN READ WRITE has said: this statement can change nothing, nor undo this.
        await client.query('SET TRANSACTION READ ONLY')
      }
    } catch (error) {
      throw statementFailure(error, target.address)
    }
    return {
      connection: lent,
      lasts: true,
      async settle(succeeded) {
        if (!begins || !lent.alive) return
        if (!succeeded) await client.query('ROLLBACK')
        else if (target.mode === 'read-only' || !(await hasChanged(lent))) await client.query('COMMIT')
      },
      giveBack: () => undefined,
    }
  }

  return {
    async lend(plans, signal) {
      const before = last
      const { promise, resolve } = Promise.withResolvers<undefined>()
      last = promise
      try {
        await before
        signal.throwIfAborted()
        return { ...(await ready(plans, signal)), giveBack: () => resolve(undefined) }
      } catch (error) {
        resolve(undefined)
        throw error
      }
    },
    transaction() {
      if (!connection) return 'none'
      if (!connection.alive) throw lost()
      const status = connection.client.getTransactionStatus()
      if (status === 'I') return 'none'
      return status === 'E' ? 'failed' : 'open'
    },
    ended: ended.promise,
    ending: ending.signal,
    async end() {
      ending.abort(failed('cancelled', 'The session is being closed.'))
      const { promise: patience, resolve } = Promise.withResolvers<undefined>()
      const timer = setTimeout(() => resolve(undefined), END_PATIENCE_MS)
      await Promise.race([last, patience])
      clearTimeout(timer)
      await connection?.end()
      ended.resolve(undefined)
    },
  }
}

/** Whether the open transaction has changed anything: the server numbers transactions when they first do. */
async function hasChanged({ client }: ServerConnection): Promise<boolean> {
  const { rows } = await client.query<{ changed: boolean }>(
    'SELECT txid_current_if_assigned() IS NOT NULL AS changed',
  )
  return rows[0]?.changed === true
}

function lost(): Error {
  return failed(
    'host-lost',
    'The connection of this session has ended, and what it had not committed is undone. Open a new session.',
  )
}
