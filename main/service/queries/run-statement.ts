import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Failure } from '#contract/failure.ts'
import type { RowsWanted } from '#contract/query-host.ts'
import type { CancelHow, QueryProgress, QuerySpec, Run, RunId, RunState } from '#contract/run.ts'
import type { Commits } from '#contract/statement.ts'
import type { Port } from '#kit/port.ts'
import { failureOf } from '#kit/request-failed.ts'
import { measureResult, type KeptResult } from '../results/measure-result.ts'
import type { RunStore } from '../runs/run-store.ts'
import type { HostPool, Lease } from './host-pool.ts'
import { POLITE_CANCEL_MS } from './polite-cancel.ts'
import { MAX_HOST_BYTES, watchMemory } from './watch-memory.ts'

/** So many that no execution is hit by the interrupt of another. */
const STOP_TOKEN_BYTES = 8
export interface StatementRun {
  readonly store: RunStore
  /** Where it runs: the pool, or the connection of a session. */
  readonly lease: HostPool['lease']
  /** The connection is a session's own. */
  readonly commits?: Commits
  readonly resultPath: (id: RunId) => string
  readonly onTrouble: (message: string, cause: unknown) => void
  readonly id: RunId
  readonly spec: QuerySpec
  readonly rows: RowsWanted
  /** The page's port, on which the host serves the rows. */
  readonly rowsPort: Port | undefined
  /** Memory that its process may hold, in bytes. */
  readonly hostMemoryBytes?: number
  /** Aborting cancels the run. */
  readonly signal: AbortSignal
}

/** Why a statement is being stopped. */
type StopReason = 'cancelled' | 'time' | 'memory'

/** Takes a queued run to its final state. Resolves with that once the work has really ended. */
export async function runStatement(run: StatementRun): Promise<Run> {
  const { store, id, spec, rowsPort, signal } = run
  const note = noting(run)
  const { database, mode } = spec
  let lease: Lease
  try {
    lease = await run.lease({
      database,
      mode,
      use: 'statement',
      signal,
      onWaiting: (reason) => note(store.transition(id, { kind: 'queued', reasons: [reason] })),
    })
  } catch (error) {
    rowsPort?.close()
    return store.transition(id, signal.aborted ? cancelledBeforeStart() : failedBeforeStart(error))
  }
  try {
    return await store.transition(id, await executeOn(lease, run))
  } finally {
    lease.release()
  }
}

/** Runs the statement on a host. @returns the final state. */
async function executeOn(lease: Lease, run: StatementRun): Promise<RunState> {
  const { store, id, spec, rows, rowsPort, signal } = run
  const note = noting(run)
  const { pid, client } = lease
  const { sql, params, budget } = spec
  const hostMemoryBytes = run.hostMemoryBytes ?? MAX_HOST_BYTES
  const startedAt = Date.now()
  const clock = performance.now()
  const running = { kind: 'running', startedAt, pid, adopted: false } as const
  const ended = (): { startedAt: number; endedAt: number; durationMs: number } => ({
    startedAt,
    endedAt: Date.now(),
    durationMs: performance.now() - clock,
  })
  const stopped = (how: CancelHow): RunState =>
    reason === 'time'
      ? { kind: 'timed-out', ...ended(), limitMs: budget?.timeoutMs ?? 0, how }
      : { kind: 'cancelled', ...ended(), how }
  const failedWith = (failure: Failure): RunState => ({
    kind: 'failed',
    ...ended(),
    cause: { kind: 'error', failure },
  })

  note(store.transition(id, { ...running, stopping: false }))
  const resultPath = run.resultPath(id)
  const stopToken = randomBytes(STOP_TOKEN_BYTES).toString('hex')
  let killing: Promise<void> | undefined
  let reason: StopReason | undefined
  const settled = new AbortController()
  const stopping = new AbortController()
  const timers: NodeJS.Timeout[] = []
  const kill = (): void => {
    killing = lease
      .kill()
      .catch((error: unknown) => run.onTrouble(`The host of run ${id} could not be ended.`, error))
  }
  const stop = (why: StopReason): void => {
    if (reason !== undefined || settled.signal.aborted) return
    reason = why
    note(store.transition(id, { ...running, stopping: true }))
    stopping.abort()
    // A process that is filling memory would fill more of it while it is asked politely.
    if (why === 'memory') return kill()
    lease.interrupt(stopToken)
    timers.push(setTimeout(kill, POLITE_CANCEL_MS))
  }
  const cancel = (): void => stop('cancelled')
  if (signal.aborted) cancel()
  else signal.addEventListener('abort', cancel, { once: true, signal: settled.signal })
  if (budget?.timeoutMs !== undefined) timers.push(setTimeout(() => stop('time'), budget.timeoutMs))
  note(watchMemory(pid, hostMemoryBytes, settled.signal, () => stop('memory')))

  try {
    await mkdir(dirname(resultPath), { recursive: true })
    const passengers = rowsPort ? [rowsPort] : []
    const statement = client.stream(
      'execute',
      {
        sql,
        resultPath,
        rows,
        stopToken,
        ...(params === undefined ? {} : { params }),
        ...(budget === undefined ? {} : { budget }),
        ...(run.commits === undefined ? {} : { commits: run.commits }),
      },
      { signal: stopping.signal, passengers },
    )
    for await (const progress of statement) store.progress(id, progress)
    const { progress, stoppedEarly, interrupted, limitedBy } = await statement.result
    store.progress(id, progress)
    if (stoppedEarly) return stopped(interrupted === true ? 'interrupted' : 'between-rows')
    return { kind: 'done', ...ended(), ...(limitedBy === undefined ? {} : { limitedBy }) }
  } catch (error) {
    await killing
    const failure = failureOf(error)
    const kept = await measureResult(resultPath)
    if (kept) store.progress(id, progressOf(kept))
    if (failure.code === 'cancelled') return stopped('between-rows')
    // A server ends a statement by its own clock, perhaps before ours.
    if (failure.code === 'deadline') {
      reason = 'time'
      return stopped('interrupted')
    }
    if (failure.code !== 'host-lost') return failedWith(failure)
    const rowsKept = `The ${kept?.rows ?? 0} rows so far are kept, an unfinished change was rolled back, and other queries go on.`
    if (reason === 'memory') {
      const message = `This query needed more than ${megabytes(hostMemoryBytes)} MB of memory, so its process was ended. ${rowsKept} Ask for smaller values, or for fewer rows in one group.`
      return failedWith({ code: 'host-lost', message })
    }
    if (killing) return stopped('process-ended')
    const message = `The process that ran this query ended unexpectedly. ${rowsKept} Run it again to have all of it.`
    return failedWith({ code: 'host-lost', message })
  } finally {
    settled.abort()
    for (const timer of timers) clearTimeout(timer)
    await killing
  }
}

function progressOf({ columns, rows, bytes }: KeptResult): QueryProgress {
  return { columns, rows, bytes, changes: null }
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1024 ** 2)
}

/** Lets a step be written that nobody waits for. */
function noting({ id, onTrouble }: StatementRun): (step: Promise<unknown>) => void {
  return (step) => {
    step.catch((error: unknown) => onTrouble(`A step of run ${id} could not be noted.`, error))
  }
}

function cancelledBeforeStart(): RunState {
  return { kind: 'cancelled', endedAt: Date.now(), durationMs: 0, how: 'before-start' }
}

function failedBeforeStart(error: unknown): RunState {
  const now = Date.now()
  return {
    kind: 'failed',
    startedAt: now,
    endedAt: now,
    durationMs: 0,
    cause: { kind: 'error', failure: failureOf(error) },
  }
}
