import { readPostgresAddress } from '#contract/postgres-address.ts'
import type { queryHostContract } from '#contract/query-host.ts'
import { failed } from '#kit/request-failed.ts'
import type { Handlers } from '#kit/serve.ts'
import { refusal } from '../database-failure.ts'
import { feedRows, NO_FEED } from '../rows-feed.ts'
import type { ServerConnection, ServerTarget } from './connect.ts'
import { createConnections, type Connections } from './connections.ts'
import { executeOnServer, TRY_CLIENT_CHECK } from './execute-on-server.ts'
import { readServerSchema, readTypeNames } from './read-server-schema.ts'
import { statementFailure } from './server-failure.ts'
import { stopStatement } from './stop-statement.ts'

/** What answers for one database of a server, and its end. */
export interface ServerHost {
  readonly handlers: Pick<Handlers<typeof queryHostContract>, 'open' | 'schema' | 'execute' | 'close'>
  /** Has the server cancel what is running, and ends every connection. */
  close(): Promise<void>
}

/** What is asked of the catalog must not write, whatever views and functions it goes through. */
const CATALOG_PREPARATION = 'BEGIN READ ONLY'

/**
 * Makes a host for one database of a PostgreSQL server, with many connections: requests are answered side by side, and
 * one waits only when every connection is busy.
 */
export function createServerHost(): ServerHost {
  let target: ServerTarget | undefined
  let connections: Connections | undefined
  let looksForClient = false
  let typeNames: ReadonlyMap<number, string> = new Map()
  let ending = new AbortController()
  const running = new Set<Promise<unknown>>()

  function opened(): { readonly target: ServerTarget; readonly connections: Connections } {
    if (!target || !connections) throw failed('database', 'No database is open here. Open one first.')
    return { target, connections }
  }

  /** Notes that something is under way, so that closing can wait for its end. */
  async function tracked<R>(work: Promise<R>): Promise<R> {
    running.add(work)
    try {
      return await work
    } finally {
      running.delete(work)
    }
  }

  /** Asks the catalog, on a connection that is given back. */
  async function ask<R>(
    question: (connection: ServerConnection) => Promise<R>,
    signal: AbortSignal,
  ): Promise<R> {
    const open = opened()
    const connection = await open.connections.lend(CATALOG_PREPARATION, signal)
    const stop = stopStatement(connection, signal, undefined)
    try {
      return await question(connection)
    } catch (error) {
      signal.throwIfAborted()
      throw statementFailure(error, open.target.address, '')
    } finally {
      await stop.settled()
      open.connections.takeBack(connection)
    }
  }

  async function close(): Promise<void> {
    ending.abort(failed('cancelled', 'The connection to the server is being closed.'))
    await Promise.allSettled(running)
    await connections?.close()
  }

  const stoppable = (signal: AbortSignal): AbortSignal => AbortSignal.any([signal, ending.signal])

  return {
    handlers: {
      async open({ path, mode, password }, { signal }) {
        const read = readPostgresAddress(path)
        if (!read.ok) throw refusal(read.message)
        await connections?.close()
        target = { address: read.address, mode, password }
        connections = createConnections(target)
        const serverVersion = await ask(async ({ client }) => {
          typeNames = await readTypeNames(client)
          const { rows } = await client.query<{ server_version: string }>('SHOW server_version')
          looksForClient = await client.query(TRY_CLIENT_CHECK).then(
            () => true,
            () => false,
          )
          return rows[0]?.server_version ?? ''
        }, signal)
        return { sqliteVersion: '', serverVersion }
      },
      schema: (_params, { signal }) =>
        tracked(
          ask(async ({ client }) => {
            typeNames = await readTypeNames(client)
            return readServerSchema(client)
          }, stoppable(signal)),
        ),
      async execute({ sql, params, budget, resultPath, rows }, { signal, passengers: [port], offer }) {
        if (rows === 'none') port?.close()
        const feed = port === undefined || rows === 'none' ? NO_FEED : feedRows(port, rows)
        try {
          const executed = await tracked(
            executeOnServer({
              ...opened(),
              sql,
              params,
              budget,
              resultPath,
              feed,
              looksForClient,
              typeName: (typeId) => typeNames.get(typeId) ?? null,
              signal: stoppable(signal),
              onProgress: offer,
            }),
          )
          feed.end({ kind: 'ended', rows: executed.progress.rows })
          return executed
        } catch (error) {
          feed.end({ kind: 'failed', error })
          throw error
        }
      },
      async close() {
        await close()
        // The next request opens it again.
        ending = new AbortController()
        if (target) connections = createConnections(target)
        return {}
      },
    },
    close,
  }
}
