import type { ColumnInfo, QueryProgress, Run, ServerNotice } from '#contract/run.ts'
import type { ItemOf, ParamsOf } from '#contract/channel.ts'
import type { ServiceContract } from '#contract/service.ts'
import type { StatementEnd, StatementRows } from '#contract/statement.ts'
import { failed, RequestFailed } from '#kit/request-failed.ts'
import type { Lease } from '../queries/host-pool.ts'
import { runOnHost, type HostRun } from '../queries/run-on-host.ts'

export type Script = ParamsOf<ServiceContract, 'script.run'>
export type ScriptItem = ItemOf<ServiceContract, 'script.run'>

/** More notices of all statements together are told, but not kept with the run. */
const MAX_NOTICES = 100

export interface ScriptRun extends Pick<HostRun, 'store' | 'lease' | 'id' | 'signal' | 'onTrouble'> {
  readonly script: Script
  /** Sends to the asker as it reads. */
  readonly emit: (item: ScriptItem) => Promise<void>
}

/**
 * Takes a queued run of a script to its final state, and leaves its host with a connection as good as new. Resolves with
 * that once the work has really ended.
 */
export async function runScript(run: ScriptRun): Promise<Run> {
  const { script } = run
  const { database, mode, budget } = script
  return runOnHost({
    ...run,
    target: { database, mode },
    timeoutMs: budget?.timeoutMs,
    lostMessage: () =>
      'The process that ran this ended unexpectedly, and an unfinished change was rolled back. Other queries go on. Run it again.',
    async work(host) {
      try {
        const last = await host.stoppable((stopToken) => executeAll(run, host.lease, host.signal, stopToken))
        if (last?.inTransaction !== true) return { kind: 'done', ...host.ended() }
        throw failed(
          'database',
          'The text ended inside a transaction, so its changes were rolled back. End it with COMMIT to keep them.',
        )
      } finally {
        await reset(host.lease)
      }
    },
  })
}

/** Runs one statement after the other. @returns how the last one ended. */
async function executeAll(
  { store, id, script, emit }: ScriptRun,
  { client }: Lease,
  signal: AbortSignal,
  stopToken: string,
): Promise<StatementEnd | undefined> {
  let columns: ColumnInfo[] | null = null
  let rows = 0
  let bytes = 0
  let changes: number | null = null
  let last: StatementEnd | undefined
  const notices: ServerNotice[] = []

  function progress(): QueryProgress {
    return { columns, rows, bytes, changes, ...(notices.length === 0 ? {} : { notices: [...notices] }) }
  }
  function count(part: StatementRows): void {
    rows += part.rows
    bytes += part.chunk.length
  }

  for (const [statement, [start, end]] of script.statements.entries()) {
    signal.throwIfAborted()
    const { params } = script
    const request = {
      sql: script.sql.slice(start, end),
      stopToken,
      ...(params === undefined ? {} : { params }),
    }
    const stream = client.stream('statement.execute', request, { signal })
    try {
      for await (const part of stream) {
        if ('notices' in part) {
          notices.push(...part.notices.slice(0, MAX_NOTICES - notices.length))
          store.progress(id, progress())
          await emitUnlessStopped(emit({ kind: 'notices', statement, notices: part.notices }), signal)
          continue
        }
        columns = part.columns ?? columns
        count(part)
        store.progress(id, progress())
        await emitUnlessStopped(emit({ kind: 'rows', statement, rows: part }), signal)
      }
      last = await stream.result
    } catch (error) {
      throw movedBy(start, error)
    }
    columns = last.columns ?? columns ?? []
    if (last.last) count(last.last)
    if (last.changes !== null) changes = (changes ?? 0) + last.changes
    store.progress(id, progress())
    await emitUnlessStopped(emit({ kind: 'ended', statement, end: last }), signal)
  }
  return last
}

/** A reader that takes nothing any more must not hold up a cancel that somebody else asked for. */
async function emitUnlessStopped(emitting: Promise<void>, signal: AbortSignal): Promise<void> {
  const stopped = Promise.withResolvers<never>()
  const onAbort = (): void => stopped.reject(signal.reason as Error)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    await Promise.race([emitting, stopped.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** A failure's place in the statement as its place in the whole text; where it is not known, the statement's start. */
function movedBy(start: number, error: unknown): unknown {
  if (!(error instanceof RequestFailed) || error.code !== 'database') return error
  const { message, details } = error.failure
  return failed('database', message, { ...details, position: start + (details?.position ?? 0) })
}

/** What the statements have left on the connection (temporary tables, settings, a transaction) goes with it. */
async function reset({ client }: Lease): Promise<void> {
  await client.call('close', {}).catch(() => {
    // The process has ended, and its connection with it.
  })
}
