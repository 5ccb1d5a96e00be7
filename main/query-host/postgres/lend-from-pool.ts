import type { Mode } from '../open.ts'
import { lookForClient } from './client-check.ts'
import type { Connections } from './connections.ts'
import type { LendConnection } from './lend-connection.ts'

export interface PoolLending {
  readonly connections: Connections
  readonly mode: Mode
  /** Whether the server can be told to look for clients that are gone. */
  readonly looksForClient: boolean
}

/** Lends connections of the pool, each for a statement that is a transaction of its own. */
export function lendFromPool({ connections, mode, looksForClient }: PoolLending): LendConnection {
  // In read-only mode a transaction says so itself: a session's default could be changed by a statement before.
  const scope = mode === 'read-only' ? 'SET LOCAL' : 'SET'
  return async ({ timeoutMs = 0 }, signal) => {
    const preparation = [
      ...(mode === 'read-only' ? ['BEGIN READ ONLY'] : []),
      `${scope} statement_timeout = ${timeoutMs}`,
      ...(looksForClient ? [lookForClient(scope)] : []),
    ].join('; ')
    const connection = await connections.lend(preparation, signal)
    return {
      connection,
      lasts: false,
      settle: () => Promise.resolve(),
      giveBack: () => connections.takeBack(connection),
    }
  }
}
