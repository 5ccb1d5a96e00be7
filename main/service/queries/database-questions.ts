import { engineOf } from '#contract/database.ts'
import { findParameters } from '#contract/sql/find-parameters.ts'
import type { QuerySpec } from '#contract/run.ts'
import type { ServiceContract } from '#contract/service.ts'
import type { BrokerContract } from '#contract/supervision.ts'
import type { Client } from '#kit/client.ts'
import { failureOf } from '#kit/request-failed.ts'
import type { Handlers } from '#kit/serve.ts'
import type { Sessions } from '../sessions/sessions.ts'
import { backUp } from './back-up.ts'
import { databaseName } from './database-name.ts'
import { forkHost } from './fork-host.ts'
import type { HostPool, Lease } from './host-pool.ts'
import { measureFiles } from './measure-files.ts'
import { untilStopped } from './until-stopped.ts'

export type DatabaseMethods =
  | 'query.parameters'
  | 'query.explain'
  | 'database.counts'
  | 'database.files'
  | 'database.pragmas'
  | 'database.setPragma'
  | 'database.backup'

/** Answers what is asked about a database beside the runs of queries, and never has them wait. */
export function answerAboutDatabases(
  pool: HostPool,
  broker: Client<BrokerContract>,
  sessions: Pick<Sessions, 'explain'>,
): Pick<Handlers<ServiceContract>, DatabaseMethods> {
  /** Lends a host for something short, or for something long that may take the place of a query. */
  async function withHost<R>(
    target: { readonly database: string; readonly mode: QuerySpec['mode'] },
    signal: AbortSignal,
    work: (lease: Lease, stopToken: string) => Promise<R>,
  ): Promise<R> {
    const lease = await pool.lease({ ...target, use: 'quick', signal })
    try {
      return await untilStopped(lease, signal, (stopToken) => work(lease, stopToken))
    } finally {
      lease.release()
    }
  }

  return {
    'query.parameters': ({ sql, database }) => ({
      parameters: findParameters(
        sql,
        database !== undefined && engineOf(database) === 'postgres' ? 'postgres' : 'sqlite',
      ),
    }),
    'query.explain': ({ database, sql, session }, { signal }) =>
      session !== undefined
        ? sessions.explain(session, sql, signal)
        : withHost({ database, mode: 'read-only' }, signal, ({ client }) =>
            client.call('explain', { sql }, { signal }),
          ),
    'database.files': ({ path }) => measureFiles(path),
    'database.pragmas': ({ path, mode }, { signal }) =>
      withHost({ database: path, mode }, signal, ({ client }) => client.call('pragmas', {}, { signal })),
    'database.setPragma': ({ path, name, value }, { signal }) =>
      withHost({ database: path, mode: 'read-write' }, signal, ({ client }, stopToken) =>
        client.call('setPragma', { name, value, stopToken }, { signal }),
      ),
    async 'database.counts'({ path, tables }, { signal, emit }) {
      // A host of its own: counting a large table takes minutes, and nothing else should wait for it.
      const about = `count(*) · ${databaseName(path)}`
      const host = await forkHost(broker, { database: path, mode: 'read-only' }, about)
      host.setBusy(true)
      try {
        await untilStopped(host, signal, async (stopToken) => {
          for (const table of tables) {
            signal.throwIfAborted()
            const rows = await host.client.call('countRows', { table, stopToken }, { signal }).then(
              (counted) => counted.rows,
              (error: unknown) => {
                if (signal.aborted || failureOf(error).code !== 'database') throw error
                return null
              },
            )
            await emit({ table, rows })
          }
        })
        return {}
      } finally {
        host.setBusy(false)
        await host.end()
      }
    },
    async 'database.backup'({ path, to, replace }, { signal, offer }) {
      const lease = await pool.lease({ database: path, mode: 'read-only', use: 'statement', signal })
      try {
        return await backUp({ lease, from: path, to, replace, signal, onProgress: offer })
      } finally {
        lease.release()
      }
    },
  }
}
