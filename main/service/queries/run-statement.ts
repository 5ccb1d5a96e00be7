import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Failure } from '#contract/failure.ts'
import type { RowsWanted } from '#contract/query-host.ts'
import type { CancelHow, QueryProgress, QuerySpec, Run, RunId, RunState } from '#contract/run.ts'
import type { Port } from '#kit/port.ts'
import { failureOf } from '#kit/request-failed.ts'
import { measureResult, type KeptResult } from '../results/measure-result.ts'
import type { RunStore } from '../runs/run-store.ts'
import type { HostPool, Lease } from './host-pool.ts'

/** So many that no execution is hit by the interrupt of another. */
const STOP_TOKEN_BYTES = 8
/** How long a host may take to stop by itself, before its process is ended: a cancel takes effect within 1 s. */
export const POLITE_CANCEL_MS = 300

export interface StatementRun {
  readonly store: RunStore
  readonly pool: HostPool
  readonly resultPath: (id: RunId) => string
  readonly onTrouble: (message: string, cause: unknown) => void
  readonly id: RunId
  readonly spec: QuerySpec
  readonly rows: RowsWanted
  /** The page's port, on which the host serves the rows. */
  readonly rowsPort: Port | undefined
  /** Aborting cancels the run. */
  readonly signal: AbortSignal
}

/** Takes a queued run to its final state. Resolves with that once the work has really ended. */
export async function runStatement(run: StatementRun): Promise<Run> {
  const { store, pool, id, spec, rowsPort, signal } = run
  const note = noting(run)
  const { database, mode } = spec
  let lease: Lease
  try {
    lease = await pool.lease({
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
  const startedAt = Date.now()
  const clock = performance.now()
  const running = { kind: 'running', startedAt, pid, adopted: false } as const
  const ended = (): { startedAt: number; endedAt: number; durationMs: number } => ({
    startedAt,
    endedAt: Date.now(),
    durationMs: performance.now() - clock,
  })
  const cancelled = (how: CancelHow): RunState => ({ kind: 'cancelled', ...ended(), how })
  const failedWith = (failure: Failure): RunState => ({
    kind: 'failed',
    ...ended(),
    cause: { kind: 'error', failure },
  })

  note(store.transition(id, { ...running, stopping: false }))
  const resultPath = run.resultPath(id)
  const stopToken = randomBytes(STOP_TOKEN_BYTES).toString('hex')
  let killing: Promise<void> | undefined
  const settled = new AbortController()
  const stop = (): void => {
    note(store.transition(id, { ...running, stopping: true }))
    lease.interrupt(stopToken)
    const timer = setTimeout(() => {
      killing = lease
        .kill()
        .catch((error: unknown) => run.onTrouble(`The host of run ${id} could not be ended.`, error))
    }, POLITE_CANCEL_MS)
    settled.signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
  }
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true, signal: settled.signal })

  try {
    await mkdir(dirname(resultPath), { recursive: true })
    const passengers = rowsPort ? [rowsPort] : []
    const statement = client.stream(
      'execute',
      { sql: spec.sql, resultPath, rows, stopToken },
      { signal, passengers },
    )
    for await (const progress of statement) store.progress(id, progress)
    const { progress, stoppedEarly, interrupted } = await statement.result
    store.progress(id, progress)
    if (!stoppedEarly) return { kind: 'done', ...ended() }
    return cancelled(interrupted === true ? 'interrupted' : 'between-rows')
  } catch (error) {
    await killing
    const failure = failureOf(error)
    const kept = await measureResult(resultPath)
    if (kept) store.progress(id, progressOf(kept))
    if (failure.code === 'cancelled') return cancelled('between-rows')
    if (failure.code !== 'host-lost') return failedWith(failure)
    if (killing) return cancelled('process-ended')
    const message =
      `The process that ran this query ended unexpectedly. The ${kept?.rows ?? 0} rows so far are kept, ` +
      'an unfinished change was rolled back, and other queries go on. Run it again to have all of it.'
    return failedWith({ code: 'host-lost', message })
  } finally {
    settled.abort()
    await killing
  }
}

function progressOf({ columns, rows, bytes }: KeptResult): QueryProgress {
  return { columns, rows, bytes, changes: null }
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
