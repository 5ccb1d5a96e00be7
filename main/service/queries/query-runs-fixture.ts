import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { expect, onTestFinished } from 'vitest'
import type { QuerySpec, Run, RunState } from '#contract/run.ts'
import { serviceContract } from '#contract/service.ts'
import { connect, type Client, type RequestStream } from '#kit/client.ts'
import { dialWithEnvelopes } from '#kit/dial.ts'
import { nodePort } from '#kit/node-port.ts'
import type { Port } from '#kit/port.ts'
import { serve } from '#kit/serve.ts'
import { openFixture, temporaryFolder } from '../app-database/database-fixture.ts'
import { openRunStore } from '../runs/open-run-store.ts'
import type { RunStore } from '../runs/run-store.ts'
import { NO_POOLS } from '../scheduler/no-pools-fixture.ts'
import { serveSecrets } from '../secrets/serve-secrets.ts'
import type { HostMemory } from './guard-memory.ts'
import { openTestBroker, type TestBroker } from './broker-fixture.ts'
import { openSessions } from '../sessions/sessions.ts'
import { openQueryRuns, type QueryRuns } from './query-runs.ts'

export const NUMBERS = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)'
/** Never ends, and returns rows. */
export const ENDLESS = `${NUMBERS} SELECT i FROM n`
/** Never ends, and never returns to JavaScript. */
export const DEAF = `${NUMBERS} SELECT max(i) FROM n`

/** Where there is no compiler the build has said so, and hosts stop as they do without the extension. */
export const isExtensionBuilt = existsSync(new URL('../../../out/native/accelerator-hash', import.meta.url))

/** The part of the service's contract that queries answer. */
const queryContract = {
  'query.run': serviceContract['query.run'],
  'session.open': serviceContract['session.open'],
  'session.execute': serviceContract['session.execute'],
  'session.state': serviceContract['session.state'],
  'database.savePassword': serviceContract['database.savePassword'],
  'query.estimate': serviceContract['query.estimate'],
  'query.parameters': serviceContract['query.parameters'],
  'query.explain': serviceContract['query.explain'],
  'database.counts': serviceContract['database.counts'],
  'database.files': serviceContract['database.files'],
  'database.pragmas': serviceContract['database.pragmas'],
  'database.setPragma': serviceContract['database.setPragma'],
  'database.backup': serviceContract['database.backup'],
  'edits.plan': serviceContract['edits.plan'],
  'edits.apply': serviceContract['edits.apply'],
}

export interface Setup {
  readonly runs: QueryRuns
  readonly store: RunStore
  readonly broker: TestBroker
  readonly folder: string
  readonly resultPath: (id: number) => string
  /** Makes a database with the sqlite3 shell. */
  readonly make: (name: string, sql: string) => Promise<string>
  /** Starts a query over a real port; `leave` closes that port as a window does that goes away. */
  readonly start: (
    sql: string,
    options?: Partial<Omit<QuerySpec, 'kind' | 'sql'>> & { signal?: AbortSignal },
  ) => RequestStream<Run, Run> & { leave: () => void }
  /** Asks over a real port. */
  readonly client: () => Client<typeof queryContract>
}

export interface SetupOptions {
  readonly hostLimit?: number
  readonly extension?: 'on' | 'off'
  readonly memory?: HostMemory
  /** The password that is kept for everybody. */
  readonly secret?: string | null
}

export async function setUp({
  hostLimit = 2,
  extension = 'off',
  memory,
  secret = null,
}: SetupOptions = {}): Promise<Setup> {
  const folder = await temporaryFolder()
  const store = await openRunStore(await openFixture(folder), (message) => {
    throw new Error(message)
  })
  const broker = openTestBroker(extension, secret)
  onTestFinished(() => broker.close())
  const resultPath = (id: number): string => join(folder, 'results', String(id))
  const sessions = openSessions(broker.client, memory)
  const trouble: string[] = []
  const runs = openQueryRuns({
    store,
    scheduler: NO_POOLS,
    broker: broker.client,
    sessions,
    resultPath,
    onTrouble: (message, cause) => trouble.push(`${message} ${String(cause)}`),
    hostLimit,
    ...(memory ? { memory } : {}),
  })
  onTestFinished(async () => {
    await runs.close()
    await store.close()
    expect(trouble).toEqual([])
  })
  const own = join(folder, 'own.db')
  await writeFile(own, '')
  return {
    runs,
    store,
    broker,
    folder,
    resultPath,
    async make(name, sql) {
      const path = join(folder, name)
      const shell = spawn('sqlite3', [path, sql], { stdio: ['ignore', 'ignore', 'inherit'] })
      await once(shell, 'exit')
      return path
    },
    start(sql, { database = own, mode = 'read-only', params, budget, signal } = {}) {
      const { session, client } = openSession()
      const stream = client.stream(
        'query.run',
        {
          kind: 'query',
          database,
          mode,
          sql,
          rows: 'none',
          ...(params === undefined ? {} : { params }),
          ...(budget === undefined ? {} : { budget }),
        },
        signal ? { signal } : {},
      )
      return {
        result: stream.result,
        [Symbol.asyncIterator]: () => stream[Symbol.asyncIterator](),
        leave: () => session.close(),
      }
    },
    client: () => openSession().client,
  }

  function openSession(): { session: Port; client: Client<typeof queryContract> } {
    const { port1, port2 } = new MessageChannel()
    const session = nodePort(port1)
    const secrets = serveSecrets(broker.client, async (...saved) => {
      await Promise.all([runs.setPassword(...saved), sessions.setPassword(...saved)])
    })
    serve(queryContract, nodePort(port2), { ...runs.handlers, ...sessions.handlers, ...secrets })
    onTestFinished(() => session.close())
    return { session, client: connect(queryContract, session, dialWithEnvelopes(session)) }
  }
}

/** Waits until a run is in a state, as the store tells. */
export async function until(store: RunStore, wanted: (run: Run) => boolean): Promise<Run> {
  return new Promise((resolve) => {
    const stop = store.watch((run) => {
      if (!wanted(run)) return
      stop()
      resolve(run)
    })
  })
}

export function failureIn(state: RunState): unknown {
  return state.kind === 'failed' && state.cause.kind === 'error' ? state.cause.failure : state
}

export const isRunning = ({ state }: Run): boolean => state.kind === 'running'
/** Its host is inside the statement, and deaf while that returns no rows. */
export const isInside = (run: Run): boolean => run.kind === 'query' && run.progress.columns !== null
export const hasRows = (run: Run): boolean => run.kind === 'query' && run.progress.rows > 0
