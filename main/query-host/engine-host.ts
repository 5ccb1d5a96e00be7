import { engineOf } from '#contract/database.ts'
import type { queryHostContract } from '#contract/query-host.ts'
import type { Handlers, RequestContext } from '#kit/serve.ts'
import { refusal } from './database-failure.ts'
import { createServerHost } from './postgres/server-host.ts'
import type { QueryHost } from './query-host.ts'

type HostHandlers = Handlers<typeof queryHostContract>
type AnyHandler = (params: never, context: never) => unknown

/**
 * Makes a host that is for SQLite or for PostgreSQL, as the address that it opens says.
 * @param sqlite what answers for SQLite.
 */
export function createEngineHost(sqlite: QueryHost): QueryHost {
  const server = createServerHost()
  let isServer = false
  const serverHandlers: Readonly<Record<string, AnyHandler | undefined>> = server.handlers

  function byEngine([method, handler]: [string, AnyHandler]): [string, AnyHandler] {
    return [
      method,
      (params, context) => {
        if (!isServer) return handler(params, context)
        const answer = serverHandlers[method]
        if (answer) return answer(params, context)
        throw refusal(`This is not there for PostgreSQL yet, only for SQLite ("${method}").`)
      },
    ]
  }

  return {
    handlers: {
      // The same methods with the same types, each behind the choice of its engine.
      ...(Object.fromEntries(Object.entries<AnyHandler>(sqlite.handlers).map(byEngine)) as HostHandlers),
      open(params, context: RequestContext) {
        isServer = engineOf(params.path) === 'postgres'
        return isServer ? server.handlers.open(params, context) : sqlite.handlers.open(params, context)
      },
    },
    get statementCounts() {
      return sqlite.statementCounts
    },
    async close() {
      await Promise.all([sqlite.close(), server.close()])
    },
  }
}
