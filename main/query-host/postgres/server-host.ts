import { readPostgresAddress } from '#contract/postgres-address.ts'
import type { queryHostContract } from '#contract/query-host.ts'
import { failed } from '#kit/request-failed.ts'
import type { Handlers } from '#kit/serve.ts'
import { refusal } from '../database-failure.ts'
import { feedRows, NO_FEED } from '../rows-feed.ts'
import { exportRows } from '../transfers/export-rows.ts'
import { previewImport } from '../transfers/preview-import.ts'
import { askCatalog, type OpenServer } from './ask-catalog.ts'
import { lookForClient } from './client-check.ts'
import type { ServerConnection, ServerTarget } from './connect.ts'
import { createConnections, type Connections } from './connections.ts'
import { holdEdits } from './edits/hold-edits.ts'
import { showServerPlan } from './edits/plan-edits.ts'
import { executeInSession } from './execute-in-session.ts'
import { executeOnServer } from './execute-on-server.ts'
import { explainInSession } from './explain-in-session.ts'
import { explainOnServer, type PlanQuestion } from './explain-on-server.ts'
import { findTable } from './find-table.ts'
import { importOnServer } from './import-on-server.ts'
import { lendFromPool } from './lend-from-pool.ts'
import { readServerSchema, readTypeNames } from './read-server-schema.ts'
import { refuseWhatCannotBeRun } from './refuse-statement.ts'
import { runOnce } from './run-once.ts'
import { keepSessions } from './server-sessions.ts'

/** What a host answers for a server; the rest is SQLite's alone. */
export type ServerMethods =
  | 'open'
  | 'setPassword'
  | 'schema'
  | 'execute'
  | 'statement.execute'
  | 'transaction'
  | 'connectionEnd'
  | 'explain'
  | 'countRows'
  | 'export'
  | 'import'
  | 'previewImport'
  | 'edits.plan'
  | 'edits.make'
  | 'edits.commit'
  | 'close'

/** What answers for one database of a server, and its end. */
export interface ServerHost {
  readonly handlers: Pick<Handlers<typeof queryHostContract>, ServerMethods>
  /** Has the server cancel what is running, and ends every connection. */
  close(): Promise<void>
}

/** A transfer takes as long as it takes, whatever the role's default is. */
const IMPORT_PREPARATION = 'SET statement_timeout = 0'
/** Whose edits they are in a host that is one caller's alone. */
const ONLY_OWNER = 0
/**
 * Makes a host for one database of a PostgreSQL server, with many connections: requests are answered side by side, and
 * one waits only when every connection is busy, or when it is for a connection that lasts and is in use.
 */
export function createServerHost(): ServerHost {
  let target: ServerTarget | undefined
  let connections: Connections | undefined
  let looksForClient = false
  let typeNames: ReadonlyMap<number, string> = new Map()
  let ending = new AbortController()
  const running = new Set<Promise<unknown>>()
  const sessions = keepSessions(() => ({ target: opened().target, looksForClient }))
  const heldEdits = holdEdits()

  function opened(): OpenServer {
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

  /** Asks the catalog something that closing waits for. */
  const ask = <R>(
    question: (connection: ServerConnection) => Promise<R>,
    signal: AbortSignal,
    statement?: PlanQuestion['statement'],
  ): Promise<R> => tracked(askCatalog(opened(), question, stoppable(signal), statement))

  async function close(): Promise<void> {
    ending.abort(failed('cancelled', 'The connection to the server is being closed.'))
    await Promise.allSettled(running)
    heldEdits.leave()
    await Promise.all([connections?.close(), sessions.endAll()])
  }

  const stoppable = (signal: AbortSignal): AbortSignal => AbortSignal.any([signal, ending.signal])
  const typeName = (typeId: number): string | null => typeNames.get(typeId) ?? null

  return {
    handlers: {
      async open({ path, mode, password }, { signal }) {
        const read = readPostgresAddress(path)
        if (!read.ok) throw refusal(read.message)
        await connections?.close()
        target = { address: read.address, mode, password }
        connections = createConnections(target)
        const serverVersion = await askCatalog(
          opened(),
          async ({ client }) => {
            typeNames = await readTypeNames(client)
            const { rows } = await client.query<{ server_version: string }>('SHOW server_version')
            // Fails where there is no such setting.
            looksForClient = await client.query(lookForClient('SET LOCAL')).then(
              () => true,
              () => false,
            )
            return rows[0]?.server_version ?? ''
          },
          signal,
        )
        return { sqliteVersion: '', serverVersion }
      },
      setPassword({ password }) {
        opened().target.password = password ?? undefined
        return {}
      },
      schema: (_params, { signal }) =>
        ask(async ({ client }) => {
          typeNames = await readTypeNames(client)
          return readServerSchema(client)
        }, signal),
      async execute(
        { sql, params, budget, resultPath, rows, commits, owner },
        { signal, passengers: [port], offer },
      ) {
        if (rows === 'none') port?.close()
        const feed = port === undefined || rows === 'none' ? NO_FEED : feedRows(port, rows)
        try {
          const { target, connections } = opened()
          const session = commits === undefined ? undefined : sessions.of(owner)
          const stops = session ? AbortSignal.any([stoppable(signal), session.ending]) : stoppable(signal)
          const executed = await tracked(
            executeOnServer({
              target,
              lend: session?.lend ?? lendFromPool({ connections, mode: target.mode, looksForClient }),
              commits,
              sql,
              params,
              budget,
              resultPath,
              feed,
              typeName,
              signal: stops,
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
      'statement.execute': ({ owner, sql, params }, { signal, emit }) =>
        tracked(
          (async () => {
            const work = { sql, params, typeName, emit, signal: stoppable(signal) }
            return executeInSession(sessions.of(owner), opened().target, work)
          })(),
        ),
      transaction: ({ owner }) => ({ transaction: sessions.of(owner).transaction() }),
      async connectionEnd({ owner }) {
        await sessions.of(owner).ended
        return {}
      },
      explain({ sql, owner }, { signal }) {
        refuseWhatCannotBeRun(sql, 'read-write', true)
        const session = sessions.find(owner)
        if (session) {
          const stopped = AbortSignal.any([stoppable(signal), session.ending])
          const asked = explainInSession(session, sql, opened().target.address, stopped)
          return tracked(asked.then((steps) => ({ steps })))
        }
        const { statement, ask: askFor } = explainOnServer(sql)
        return ask(async ({ client }) => ({ steps: await askFor(client) }), signal, statement)
      },
      countRows: ({ table }, { signal }) =>
        ask(async ({ client }) => {
          const { quoted } = await findTable(client, table)
          const { rows } = await client.query<{ rows: number }>(
            `SELECT count(*)::float8 AS rows FROM ${quoted}`,
          )
          return { rows: rows[0]?.rows ?? 0 }
        }, signal),
      export: (work, { signal, offer }) =>
        tracked(
          exportRows({
            ...work,
            signal: stoppable(signal),
            onProgress: offer,
            run: ({ sql, params }, emit) =>
              runOnce(opened(), { sql, params, looksForClient, typeName, signal: stoppable(signal), emit }),
          }),
        ),
      import: (work, { signal, offer }) =>
        tracked(
          (async () => {
            const { target, connections } = opened()
            const stopped = stoppable(signal)
            const connection = await connections.lend(IMPORT_PREPARATION, stopped)
            try {
              const { address } = target
              return await importOnServer({
                ...work,
                connection,
                address,
                signal: stopped,
                onProgress: offer,
              })
            } finally {
              connections.takeBack(connection)
            }
          })(),
        ),
      'edits.plan': (staged, { signal }) => ask(({ client }) => showServerPlan(client, staged), signal),
      'edits.make': ({ owner = ONLY_OWNER, table, edits }, { signal }) => {
        const { target, connections } = opened()
        const staged = { table, edits }
        const work = { connections, address: target.address, staged, signal: stoppable(signal) }
        return tracked(heldEdits.make(owner, work))
      },
      'edits.commit': ({ owner = ONLY_OWNER }) => tracked(heldEdits.commit(owner).then(() => ({}))),
      previewImport: async ({ file, format }) => previewImport(file, format),
      async close({ owner }) {
        if (owner !== undefined) {
          heldEdits.leave(owner)
          await sessions.end(owner)
          return {}
        }
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
