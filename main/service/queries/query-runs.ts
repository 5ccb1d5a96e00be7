import type { Schema } from '#contract/database.ts'
import type { RowsWanted } from '#contract/query-host.ts'
import type { QueryRun, QuerySpec, Run, RunId } from '#contract/run.ts'
import type { ServiceContract } from '#contract/service.ts'
import type { Commits } from '#contract/statement.ts'
import type { BrokerContract } from '#contract/supervision.ts'
import type { Client } from '#kit/client.ts'
import { failed, failureOf, RequestFailed } from '#kit/request-failed.ts'
import type { Handlers, StreamContext } from '#kit/serve.ts'
import { openEdits, type EditMethods } from '../edits/edits.ts'
import type { RunStore } from '../runs/run-store.ts'
import type { Scheduler } from '../scheduler/open-scheduler.ts'
import type { HostedRequest } from '../scheduler/run-request.ts'
import type { Sessions } from '../sessions/sessions.ts'
import { answerAboutDatabases, type DatabaseMethods } from './database-questions.ts'
import type { HostMemory } from './guard-memory.ts'
import { createHostPool, type HostPool } from './host-pool.ts'
import { estimate } from './estimate.ts'
import { loseUnfinished } from './lose-unfinished.ts'
import { runStatement } from './run-statement.ts'
import { serveResults } from './serve-results.ts'

/** The runs of queries, from the request to the final state. */
export interface QueryRuns {
  readonly handlers: Pick<
    Handlers<ServiceContract>,
    'query.run' | 'query.estimate' | DatabaseMethods | EditMethods
  >
  /** Stops a query that stands in no pool, if it is under way; resolves once its work has really ended. */
  cancel(id: RunId): Promise<void>
  /** Runs a query whose asker is gone and whose turn has come; resolves with its last state. */
  carryOut(run: QueryRun, signal: AbortSignal): Promise<Run>
  /** At the start of the service: ends the records of queries that ended with the service before. */
  reconcile(): Promise<void>
  /**
   * Checks that a file can be opened as a database, and leaves a host with it ready for the first query.
   * @throws RequestFailed `database` or `not-found` with what is wrong with the file.
   */
  checkDatabase(path: string, mode: QuerySpec['mode'], signal: AbortSignal): Promise<void>
  /** Reads tables, views and columns, without waiting for queries. @throws RequestFailed as `checkDatabase`. */
  readSchema(path: string, signal: AbortSignal): Promise<Schema>
  /** Has new connections of a server's user made with another password. */
  readonly setPassword: HostPool['setPassword']
  /** Ends every host; queries under way fail. */
  close(): Promise<void>
}

export interface QueryRunsOptions {
  readonly store: RunStore
  /** Lets those begin that stand in pools. */
  readonly scheduler: Pick<Scheduler, 'runHosted'>
  /** Main, which forks and ends query hosts. */
  readonly broker: Client<BrokerContract>
  /** Connections that outlast a run. */
  readonly sessions: Pick<Sessions, 'lease' | 'explain'>
  /** Where the result of a run goes, without the endings of its files. */
  readonly resultPath: (id: RunId) => string
  /** Told of what went wrong without anybody waiting for it; for the log. */
  readonly onTrouble: (message: string, cause: unknown) => void
  /** The most hosts of one database; see the pool. */
  readonly hostLimit?: number
  /** What a query's process may hold. */
  readonly memory?: HostMemory
}

interface ActiveRun {
  readonly cancelling: AbortController
  readonly finished: Promise<Run>
}

type AskerContext = StreamContext<Run>

/** A query, and what its asker has sent along; without an asker nobody reads its first rows. */
interface AskedQuery {
  readonly spec: QuerySpec
  readonly rows: RowsWanted
  readonly session?: { readonly id: number; readonly commits: Commits } | undefined
  readonly context?: AskerContext
}

/** Runs queries on the pool's hosts and keeps their records. */
export function openQueryRuns(options: QueryRunsOptions): QueryRuns {
  const { store, scheduler, broker, sessions, resultPath, onTrouble, hostLimit, memory } = options
  const limit = hostLimit === undefined ? {} : { limit: hostLimit }
  const pool = serveResults(createHostPool({ broker, onTrouble, memory, ...limit }), resultPath)
  const edits = openEdits({ store, pool, onTrouble })
  const active = new Map<RunId, ActiveRun>()

  async function cancel(id: RunId): Promise<void> {
    const run = active.get(id)
    run?.cancelling.abort(failed('cancelled', `Run ${id} was cancelled.`))
    await run?.finished
    await edits.cancel(id)
  }

  /** What a killed process had begun to change is put back by the next connection that may write: have one at once. */
  function healFile({ database, mode }: QuerySpec): void {
    if (mode === 'read-only') return
    pool.lease({ database, mode, use: 'quick' }).then(
      (lease) => lease.release(),
      (error: unknown) => {
        // When Offloop is ending, the next one that opens the file does it.
        if (failureOf(error).code === 'host-lost') return
        onTrouble(`${database} could not be opened after a process was ended.`, error)
      },
    )
  }

  /** Takes a queued run to its final state. */
  function statement(
    id: RunId,
    signal: AbortSignal,
    { spec, rows, session, context }: AskedQuery,
  ): Promise<Run> {
    return runStatement({
      store,
      lease: (request) => (session ? sessions.lease(session.id, request) : pool.lease(request)),
      ...(session ? { commits: session.commits } : {}),
      resultPath,
      onTrouble,
      id,
      spec,
      rows,
      rowsPort: context?.passengers[0],
      signal,
    })
  }

  async function runAtOnce(asked: AskedQuery & { readonly context: AskerContext }): Promise<Run> {
    const { spec, session, context } = asked
    const created = await store.create(spec)
    const { id } = created
    const stopTelling = tellAsker(store, created, context, onTrouble)
    const cancelling = cancelWith(context.signal)
    const finished = statement(id, cancelling.signal, asked)
    active.set(id, { cancelling, finished })
    try {
      const run = await finished
      if (session && wasKilled(run)) healFile(spec)
      return run
    } finally {
      active.delete(id)
      stopTelling()
    }
  }

  /** Runs a query when its turn has come. */
  async function runInTurn(
    asked: AskedQuery & { readonly context: AskerContext },
    place: Pick<HostedRequest, 'terms' | 'whenFull' | 'roomWaitMs'>,
  ): Promise<Run> {
    const { spec, context } = asked
    let stopTelling: (() => void) | undefined
    const port = { isTaken: false }
    try {
      return await scheduler.runHosted({
        ...place,
        spec,
        signal: context.signal,
        cancelled: cancelWith(context.signal).signal,
        onCreated(run) {
          stopTelling = tellAsker(store, run, context, onTrouble)
        },
        carryOut({ id }, signal) {
          port.isTaken = true
          return statement(id, signal, asked)
        },
      })
    } finally {
      stopTelling?.()
      if (!port.isTaken) context.passengers[0]?.close()
    }
  }

  return {
    handlers: {
      ...answerAboutDatabases(pool, broker, sessions),
      ...edits.handlers,
      'query.estimate': ({ database, sql }) => estimate(store, database, sql),
      'query.run'({ rows, session, terms, whenFull, roomWaitMs, ...spec }, context) {
        const asked = { spec, rows, session, context }
        if (!terms) return runAtOnce(asked)
        if (!session) return runInTurn(asked, { terms, whenFull, roomWaitMs })
        throw failed(
          'invalid-params',
          'A query in a session has its turn after what runs there, so it cannot wait in a pool. Leave out one of the two.',
        )
      },
    },
    cancel,
    carryOut: ({ id, spec }, signal) => statement(id, signal, { spec, rows: 'none' }),
    reconcile: () => loseUnfinished(store, resultPath),
    async checkDatabase(database, mode, signal) {
      const lease = await pool.lease({ database, mode, use: 'quick', signal })
      lease.release()
    },
    async readSchema(database, signal) {
      const lease = await pool.lease({ database, mode: 'read-only', use: 'quick', signal })
      try {
        return await lease.client.call('schema', {}, { signal })
      } finally {
        lease.release()
      }
    },
    setPassword: pool.setPassword,
    close: () => pool.close(),
  }
}

/** Whether the process of a run has ended under it. */
function wasKilled({ state }: Run): boolean {
  if (state.kind === 'cancelled' || state.kind === 'timed-out') return state.how === 'process-ended'
  return state.kind === 'failed' && state.cause.kind === 'error' && state.cause.failure.code === 'host-lost'
}

/** Cancels when an asker does. One that is gone did not ask for a stop: the run goes on, and is found in the history. */
function cancelWith(signal: AbortSignal): AbortController {
  const cancelling = new AbortController()
  const onAbort = (): void => {
    if (!isAskerGone(signal.reason)) cancelling.abort(signal.reason)
  }
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  return cancelling
}

function isAskerGone(reason: unknown): boolean {
  return reason instanceof RequestFailed && reason.code === 'host-lost'
}

/** Sends the run whenever it has changed; a slow asker gets the latest only. @returns what ends that. */
function tellAsker(
  store: RunStore,
  created: Run,
  { emit, signal }: StreamContext<Run>,
  onTrouble: QueryRunsOptions['onTrouble'],
): () => void {
  let latest: Run | undefined = created
  let sending = false
  async function send(): Promise<void> {
    sending = true
    try {
      while (latest) {
        const run = latest
        latest = undefined
        await emit(run)
      }
    } catch (error) {
      // The asker is waiting for the end only, or is gone.
      if (!signal.aborted) onTrouble(`The changes of run ${created.id} could not be sent.`, error)
    } finally {
      sending = false
    }
  }
  void send()
  return store.watch((run) => {
    if (run.id !== created.id) return
    latest = run
    if (!sending) void send()
  })
}
