import type { ServerConnection, ServerTarget } from './connect.ts'
import type { Connections } from './connections.ts'
import type { PlanQuestion } from './explain-on-server.ts'
import { statementFailure } from './server-failure.ts'
import { stopStatement } from './stop-statement.ts'

/** What is asked of the catalog must not write, whatever views and functions it goes through. */
const PREPARATION = 'BEGIN READ ONLY'

/** A server that is connected to. */
export interface OpenServer {
  readonly target: ServerTarget
  readonly connections: Connections
}

/**
 * Asks something that only reads, on a connection of the pool that is given back.
 * @param statement the text that a failure's position is in. @throws RequestFailed `database`
 */
export async function askCatalog<R>(
  { target, connections }: OpenServer,
  question: (connection: ServerConnection) => Promise<R>,
  signal: AbortSignal,
  statement?: PlanQuestion['statement'],
): Promise<R> {
  const connection = await connections.lend(PREPARATION, signal)
  const stop = stopStatement({ connection }, signal)
  try {
    return await question(connection)
  } catch (error) {
    signal.throwIfAborted()
    throw statementFailure(error, target.address, statement)
  } finally {
    await stop.settled()
    connections.takeBack(connection)
  }
}
