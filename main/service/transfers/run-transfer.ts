import { rm } from 'node:fs/promises'
import { isFinal, type CancelHow, type Run, type RunId, type RunState } from '#contract/run.ts'
import type { ExportWork, ImportWork, TransferProgress, TransferSpec } from '#contract/transfer.ts'
import { failed, failureOf } from '#kit/request-failed.ts'
import type { HostPool, Lease } from '../queries/host-pool.ts'
import { untilStopped } from '../queries/until-stopped.ts'
import type { RunStore } from '../runs/run-store.ts'
import { checkPlace, placeFile } from './place-file.ts'

export interface TransferRunning {
  readonly store: RunStore
  /** Of hosts that are for transfers alone; it takes the addresses of results. */
  readonly pool: HostPool
  /** Where the result of a run is, without the endings of its files. */
  readonly resultPath: (id: RunId) => string
  readonly onTrouble: (message: string, cause: unknown) => void
  readonly id: RunId
  readonly spec: TransferSpec
  /** Aborting cancels the run. */
  readonly signal: AbortSignal
}

/** Where an export is until it is whole: beside its place, so that it can be moved there. */
export function unfinishedFile(id: RunId, { file }: ExportWork): string {
  return `${file}.${id}.part`
}

/** Takes a queued transfer to its final state. Resolves with that once the work has really ended. */
export async function runTransfer(running: TransferRunning): Promise<Run> {
  const { store, pool, id, spec, signal } = running
  const { transfer } = spec
  let lease: Lease
  try {
    if (transfer.kind === 'export') {
      await checkPlace(transfer.file, transfer.replace)
      await checkSource(store, transfer)
    }
    lease = await pool.lease({
      ...targetOf(transfer),
      use: 'statement',
      signal,
      onWaiting: (reason) => note(running, store.transition(id, { kind: 'queued', reasons: [reason] })),
    })
  } catch (error) {
    return store.transition(id, signal.aborted ? cancelledBeforeStart() : failedBeforeStart(error))
  }
  try {
    return await store.transition(id, await transferOn(lease, running))
  } finally {
    lease.release()
  }
}

/** @throws RequestFailed `not-found`, or `invalid-params` for a run without rows that are all there. */
async function checkSource(store: RunStore, { source }: ExportWork): Promise<void> {
  if (source.kind === 'query') return
  const run = await store.get(source.run)
  if (!run)
    throw failed('not-found', `There is no run ${source.run}. It may have been deleted from the history.`)
  if (run.kind !== 'query') throw failed('invalid-params', `Run ${source.run} is no query, and has no rows.`)
  if (!isFinal(run.state)) {
    throw failed(
      'invalid-params',
      `Run ${source.run} has not ended. Wait for its last row, or stop it, then export.`,
    )
  }
}

function targetOf(work: ExportWork | ImportWork): { database: string; mode: 'read-only' | 'read-write' } {
  switch (work.kind) {
    case 'import':
      return { database: work.database, mode: 'read-write' }
    case 'export': {
      const { source } = work
      const database = source.kind === 'query' ? source.database : `result:${source.run}`
      return { database, mode: 'read-only' }
    }
    default:
      return work satisfies never
  }
}

/** @returns the final state. */
async function transferOn(lease: Lease, running: TransferRunning): Promise<RunState> {
  const { store, id, spec, signal } = running
  const startedAt = Date.now()
  const clock = performance.now()
  const state = { kind: 'running', startedAt, pid: lease.pid, adopted: false } as const
  const ended = (): { startedAt: number; endedAt: number; durationMs: number } => ({
    startedAt,
    endedAt: Date.now(),
    durationMs: performance.now() - clock,
  })
  note(running, store.transition(id, { ...state, stopping: false }))
  const settled = new AbortController()
  const tellStopping = (): void => note(running, store.transition(id, { ...state, stopping: true }))
  if (signal.aborted) tellStopping()
  else signal.addEventListener('abort', tellStopping, { once: true, signal: settled.signal })
  let how: CancelHow = 'between-rows'
  const watched = {
    async kill(): Promise<void> {
      how = 'process-ended'
      await lease.kill()
    },
  }
  try {
    const { transfer } = spec
    await untilStopped(watched, signal, () =>
      transfer.kind === 'export' ? exportOn(lease, running, transfer) : importOn(lease, running, transfer),
    )
    return { kind: 'done', ...ended() }
  } catch (error) {
    if (signal.aborted) return { kind: 'cancelled', ...ended(), how }
    const failure = failureOf(error)
    return { kind: 'failed', ...ended(), cause: { kind: 'error', failure: explained(failure, spec) } }
  } finally {
    settled.abort()
  }
}

async function exportOn(lease: Lease, running: TransferRunning, work: ExportWork): Promise<void> {
  const { store, id, resultPath, signal } = running
  const { source, columns, file, replace, format } = work
  const unfinished = unfinishedFile(id, work)
  try {
    const run = source.kind === 'result' ? await store.get(source.run) : undefined
    const rows = run?.kind === 'query' ? run.progress.rows : 0
    const exporting = lease.client.stream(
      'export',
      {
        source:
          source.kind === 'result'
            ? { kind: 'result', path: resultPath(source.run), rows }
            : { kind: 'query', sql: source.sql, ...(source.params ? { params: source.params } : {}) },
        ...(columns ? { columns } : {}),
        to: unfinished,
        format,
      },
      { signal },
    )
    await followed(running, exporting)
    signal.throwIfAborted()
    await placeFile(unfinished, file, replace)
  } finally {
    await rm(unfinished, { force: true })
  }
}

async function importOn(lease: Lease, running: TransferRunning, work: ImportWork): Promise<void> {
  const { table, create, file, format, columns } = work
  const importing = lease.client.stream(
    'import',
    { table, create, file, format, columns },
    { signal: running.signal },
  )
  await followed(running, importing)
}

async function followed(
  { store, id }: TransferRunning,
  work: AsyncIterable<TransferProgress> & { readonly result: Promise<TransferProgress> },
): Promise<void> {
  for await (const progress of work) store.progress(id, progress)
  store.progress(id, await work.result)
}

function explained(failure: ReturnType<typeof failureOf>, spec: TransferSpec): ReturnType<typeof failureOf> {
  if (failure.code !== 'host-lost') return failure
  const { transfer } = spec
  const left =
    transfer.kind === 'export'
      ? `${transfer.file} was not written.`
      : `Nothing was imported into "${transfer.table}".`
  return { code: 'host-lost', message: `The process that did this ended unexpectedly. ${left} Try it again.` }
}

/** Lets a step be written that nobody waits for. */
function note({ id, onTrouble }: TransferRunning, step: Promise<unknown>): void {
  step.catch((error: unknown) => onTrouble(`A step of run ${id} could not be noted.`, error))
}

function cancelledBeforeStart(): RunState {
  return { kind: 'cancelled', endedAt: Date.now(), durationMs: 0, how: 'before-start' }
}

function failedBeforeStart(error: unknown): RunState {
  const now = Date.now()
  const cause = { kind: 'error', failure: failureOf(error) } as const
  return { kind: 'failed', startedAt: now, endedAt: now, durationMs: 0, cause }
}
