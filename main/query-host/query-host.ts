import type { StatementCounts } from '#contract/processes.ts'
import type { queryHostContract } from '#contract/query-host.ts'
import { failed } from '#kit/request-failed.ts'
import type { Handlers } from '#kit/serve.ts'
import { openDoor, type Door } from './accelerator/door.ts'
import { backup } from './backup.ts'
import { closeDatabase } from './close.ts'
import { countRows } from './count-rows.ts'
import { databaseFailure, isInterrupt, type Connection } from './database-failure.ts'
import { commitEdits, makeEdits } from './edits/make-edits.ts'
import { showPlan } from './edits/plan-edits.ts'
import { execute } from './execute.ts'
import { executeStatement } from './execute-statement.ts'
import { explain } from './explain.ts'
import { closeHistory, refreshHistory } from './history/open-history.ts'
import { interruptible } from './interruptible.ts'
import { makeSample } from './make-sample.ts'
import { openDatabase, type Mode } from './open.ts'
import { readPragmas, setPragma } from './pragmas.ts'
import { feedRows, NO_FEED } from './rows-feed.ts'
import { readSchema } from './schema.ts'
import { cacheStatements } from './statement-cache.ts'
import { isPragma } from './statement-keyword.ts'
import { exportRows } from './transfers/export-rows.ts'
import { importRows } from './transfers/import-rows.ts'
import { previewImport } from './transfers/preview-import.ts'

/** One query host: what it answers, and its end. */
export interface QueryHost {
  readonly handlers: Handlers<typeof queryHostContract>
  /** Of the cache of prepared statements. */
  readonly statementCounts: StatementCounts
  /** Closes the database, after what is running has ended. */
  close(): Promise<void>
}

/**
 * Makes a host without a database; `open` gives it one. Requests are answered one after the other.
 * @param library the SQLite extension's file; without it everything works, only slower.
 */
export function createQueryHost(library?: string | Promise<string | undefined>): QueryHost {
  let target: { readonly path: string; readonly mode: Mode } | undefined
  let connection: Connection | undefined
  const statements = cacheStatements()
  let door: Door | undefined
  let last: Promise<unknown> = Promise.resolve()

  function inTurn<R>(work: () => Promise<R>): Promise<R> {
    const turn = last.then(work)
    last = turn.catch(() => undefined)
    return turn
  }

  async function disconnect(): Promise<void> {
    const open = connection
    connection = undefined
    statements.clear()
    if (!open) return
    closeHistory(open)
    await closeDatabase(open)
  }

  async function connected(signal: AbortSignal): Promise<Connection> {
    if (!target) throw failed('database', 'No database is open here. Open one first.')
    if (connection) {
      await refreshHistory(connection, signal)
      return connection
    }
    const file = await library
    if (file !== undefined) door ??= await openDoor(file)
    connection = await openDatabase(target.path, target.mode, { signal, library: door?.library })
    return connection
  }

  /** Does something in turn that an interrupt may stop at any moment. */
  function inTurnStoppable<R>(
    stopToken: string | undefined,
    signal: AbortSignal,
    work: (open: Connection) => Promise<R>,
  ): Promise<R> {
    return inTurn(async () => {
      const open = await connected(signal)
      try {
        return await interruptible(open, stopToken, 'always', () => work(open))
      } catch (error) {
        throw isInterrupt(error) ? databaseFailure(error, open.name) : error
      }
    })
  }

  return {
    get statementCounts() {
      return statements.counts
    },
    handlers: {
      open: ({ path, mode }, { signal }) =>
        inTurn(async () => {
          await disconnect()
          target = { path, mode }
          const open = await connected(signal)
          const sqliteVersion = String(open.prepare('SELECT sqlite_version()').pluck().get())
          return { sqliteVersion, ...(door?.path === undefined ? {} : { interruptPath: door.path }) }
        }),
      // A file has no password.
      setPassword: () => ({}),
      schema: (_params, { signal }) => inTurn(async () => readSchema(await connected(signal), signal)),
      execute: (
        { sql, params, resultPath, rows, budget, stopToken, commits },
        { signal, passengers: [port], offer },
      ) => {
        if (rows === 'none') port?.close()
        const feed = port === undefined || rows === 'none' ? NO_FEED : feedRows(port, rows)
        return inTurn(async () => {
          try {
            const open = await connected(signal)
            const executed = await execute({
              connection: open,
              statements,
              sql,
              params,
              budget,
              resultPath,
              stopToken,
              commits,
              feed,
              signal,
              onProgress: offer,
            })
            feed.end({ kind: 'ended', rows: executed.progress.rows })
            return executed
          } catch (error) {
            feed.end({ kind: 'failed', error })
            throw error
          } finally {
            // A PRAGMA holds for its own run: the next one gets a connection as it should be.
            if (isPragma(sql) && commits === undefined) await disconnect()
          }
        })
      },
      'statement.execute': (statement, { signal, emit }) =>
        inTurn(async () => {
          const { sql, params, stopToken } = statement
          return executeStatement({
            connection: await connected(signal),
            sql,
            params,
            stopToken,
            signal,
            emit,
          })
        }),
      transaction: () =>
        inTurn(() => Promise.resolve({ transaction: connection?.inTransaction === true ? 'open' : 'none' })),
      // The connection to a file ends with this process, which closes the port.
      connectionEnd: () => new Promise(() => undefined),
      explain: ({ sql }, { signal }) => inTurn(async () => explain(await connected(signal), sql, signal)),
      pragmas: (_params, { signal }) => inTurn(async () => readPragmas(await connected(signal), signal)),
      setPragma: ({ stopToken, ...wanted }, { signal }) =>
        inTurnStoppable(stopToken, signal, (open) => setPragma(open, wanted, signal)),
      countRows: ({ stopToken, table }, { signal }) =>
        inTurnStoppable(stopToken, signal, (open) => countRows(open, table, signal)),
      backup: ({ to }, { signal, offer }) =>
        inTurn(async () => backup(await connected(signal), to, signal, offer)),
      export: ({ stopToken, ...work }, { signal, offer }) =>
        inTurn(async () => {
          try {
            const connection = await connected(signal)
            return await exportRows({
              ...work,
              signal,
              onProgress: offer,
              run: (query, emit) => executeStatement({ ...query, connection, stopToken, signal, emit }),
            })
          } finally {
            // A statement may have changed its connection, for example by ATTACH.
            if (work.source.kind === 'query') await disconnect()
          }
        }),
      previewImport: ({ file, format }) => inTurn(async () => previewImport(file, format)),
      import: ({ stopToken, ...work }, { signal, offer }) =>
        inTurnStoppable(stopToken, signal, (connection) =>
          importRows({ ...work, connection, signal, onProgress: offer }),
        ),
      makeSample: ({ path }, { signal, offer }) => inTurn(() => makeSample(path, signal, offer)),
      'edits.plan': (staged, { signal }) => inTurn(async () => showPlan(await connected(signal), staged)),
      'edits.make': ({ stopToken, ...staged }, { signal }) =>
        inTurnStoppable(stopToken, signal, (open) => makeEdits(open, staged, signal)),
      'edits.commit': (_params, { signal }) =>
        inTurn(async () => {
          await commitEdits(await connected(signal))
          return {}
        }),
      close: () =>
        inTurn(async () => {
          await disconnect()
          return {}
        }),
    },
    close: () =>
      inTurn(async () => {
        await disconnect()
        await door?.remove()
      }),
  }
}
