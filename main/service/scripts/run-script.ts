import type { CancelHow, ColumnInfo, Run, RunId, RunState } from '#contract/run.ts'
import type { ItemOf, ParamsOf } from '#contract/channel.ts'
import type { Failure } from '#contract/failure.ts'
import type { ServiceContract } from '#contract/service.ts'
import type { StatementEnd, StatementRows } from '#contract/statement.ts'
import { failed, failureOf, RequestFailed } from '#kit/request-failed.ts'
import type { HostPool, Lease } from '../queries/host-pool.ts'
import { POLITE_CANCEL_MS } from '../queries/polite-cancel.ts'
import { MAX_HOST_BYTES, watchMemory } from '../queries/watch-memory.ts'
import type { RunStore } from '../runs/run-store.ts'

export type Script = ParamsOf<ServiceContract, 'script.run'>
export type ScriptItem = ItemOf<ServiceContract, 'script.run'>

const BYTES_PER_MEGABYTE = 1024 ** 2

export interface ScriptRun {
  readonly store: RunStore
  readonly pool: HostPool
  readonly onTrouble: (message: string, cause: unknown) => void
  readonly id: RunId
  readonly script: Script
  /** Memory that its process may hold, in bytes. */
  readonly hostMemoryBytes: number | undefined
  /** Sends to the asker as it reads. */
  readonly emit: (item: ScriptItem) => Promise<void>
  /** Aborting stops the run; its reason is a RequestFailed that says why. */
  readonly signal: AbortSignal
}

/** Takes a queued run of a script to its final state. Resolves with that once the work has really ended. */
export async function runScript(run: ScriptRun): Promise<Run> {
  const { store, pool, id, script, emit, signal } = run
  const { database, mode } = script
  let lease: Lease
  try {
    lease = await pool.lease({
      database,
      mode,
      use: 'statement',
      signal,
      onWaiting(reason) {
        note(run, store.transition(id, { kind: 'queued', reasons: [reason] }))
        if (reason.kind === 'hosts-busy') note(run, emit({ kind: 'waiting', limit: reason.limit }))
      },
    })
  } catch (error) {
    return store.transition(id, endedBeforeStart(run, error))
  }
  try {
    return await store.transition(id, await executeOn(lease, run))
  } finally {
    lease.release()
  }
}

/** Runs the statements on a host, and leaves it with a connection as good as new. @returns the final state. */
async function executeOn(lease: Lease, run: ScriptRun): Promise<RunState> {
  const { store, id, signal } = run
  const { pid } = lease
  const startedAt = Date.now()
  const clock = performance.now()
  const running = { kind: 'running', startedAt, pid, adopted: false } as const
  const ended = (): { startedAt: number; endedAt: number; durationMs: number } => ({
    startedAt,
    endedAt: Date.now(),
    durationMs: performance.now() - clock,
  })
  const failedWith = (failure: Failure): RunState => ({
    kind: 'failed',
    ...ended(),
    cause: { kind: 'error', failure },
  })
  const stopped = (how: CancelHow): RunState =>
    isDeadline(signal)
      ? { kind: 'timed-out', ...ended(), limitMs: run.script.budget?.timeoutMs ?? 0, how }
      : { kind: 'cancelled', ...ended(), how }

  note(run, store.transition(id, { ...running, stopping: false }))
  let killing: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  const memory = { exceeded: false }
  const settled = new AbortController()
  const kill = (): void => {
    killing = lease
      .kill()
      .catch((error: unknown) => run.onTrouble(`The host of run ${id} could not be ended.`, error))
  }
  const hostMemoryBytes = run.hostMemoryBytes ?? MAX_HOST_BYTES
  const watching = watchMemory(pid, hostMemoryBytes, settled.signal, () => {
    memory.exceeded = true
    kill()
  })
  note(run, watching)
  const stop = (): void => {
    note(run, store.transition(id, { ...running, stopping: true }))
    timer = setTimeout(kill, POLITE_CANCEL_MS)
  }
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })

  try {
    const last = await executeAll(lease, run)
    if (last?.inTransaction) {
      return failedWith({
        code: 'database',
        message:
          'The text ended inside a transaction, so its changes were rolled back. End it with COMMIT to keep them.',
      })
    }
    return { kind: 'done', ...ended() }
  } catch (error) {
    await killing
    if (signal.aborted) return stopped(killing ? 'process-ended' : 'between-rows')
    const failure = failureOf(error)
    if (failure.code !== 'host-lost') return failedWith(failure)
    if (memory.exceeded) {
      const limit = Math.round(hostMemoryBytes / BYTES_PER_MEGABYTE)
      const message =
        `A statement needed more than ${limit} MB of memory, so its process was ended, and an unfinished change was ` +
        'rolled back. Other queries go on. Ask for smaller values, or for fewer rows in one group.'
      return failedWith({ code: 'host-lost', message })
    }
    const message =
      'The process that ran this ended unexpectedly, and an unfinished change was rolled back. ' +
      'Other queries go on. Run it again.'
    return failedWith({ code: 'host-lost', message })
  } finally {
    settled.abort()
    signal.removeEventListener('abort', stop)
    await reset(lease, () => killing)
    clearTimeout(timer)
    await killing
  }
}

/** Runs one statement after the other. @returns how the last one ended. */
async function executeAll(lease: Lease, run: ScriptRun): Promise<StatementEnd | undefined> {
  const { store, id, script, emit, signal } = run
  let columns: ColumnInfo[] | null = null
  let rows = 0
  let bytes = 0
  let changes: number | null = null
  let last: StatementEnd | undefined

  function count(part: StatementRows): void {
    rows += part.rows
    bytes += part.chunk.length
  }

  for (const [statement, [start, end]] of script.statements.entries()) {
    signal.throwIfAborted()
    const { params } = script
    const request = { sql: script.sql.slice(start, end), ...(params === undefined ? {} : { params }) }
    const stream = lease.client.stream('statement.execute', request, { signal })
    try {
      for await (const part of stream) {
        columns = part.columns ?? columns
        count(part)
        store.progress(id, { columns, rows, bytes, changes })
        await emitUnlessStopped(emit({ kind: 'rows', statement, rows: part }), signal)
      }
      last = await stream.result
    } catch (error) {
      throw movedBy(start, error)
    }
    columns = last.columns ?? columns
    if (last.last) count(last.last)
    if (last.changes !== null) changes = (changes ?? 0) + last.changes
    store.progress(id, { columns: columns ?? [], rows, bytes, changes })
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
async function reset(lease: Lease, killing: () => Promise<void> | undefined): Promise<void> {
  if (killing()) return
  await lease.client.call('close', {}).catch(() => {
    // The process has ended, and its connection with it.
  })
}

function endedBeforeStart({ signal, script }: ScriptRun, error: unknown): RunState {
  const now = Date.now()
  if (!signal.aborted) {
    return {
      kind: 'failed',
      startedAt: now,
      endedAt: now,
      durationMs: 0,
      cause: { kind: 'error', failure: failureOf(error) },
    }
  }
  return isDeadline(signal)
    ? {
        kind: 'timed-out',
        startedAt: now,
        endedAt: now,
        durationMs: 0,
        limitMs: script.budget?.timeoutMs ?? 0,
        how: 'before-start',
      }
    : { kind: 'cancelled', endedAt: now, durationMs: 0, how: 'before-start' }
}

function isDeadline({ reason }: AbortSignal): boolean {
  return reason instanceof RequestFailed && reason.code === 'deadline'
}

/** Lets something go on that nobody waits for. */
function note({ id, onTrouble, signal }: ScriptRun, step: Promise<unknown>): void {
  step.catch((error: unknown) => {
    if (!signal.aborted) onTrouble(`A step of run ${id} could not be noted.`, error)
  })
}
