import { rm } from 'node:fs/promises'
import { isFinal, type Run, type RunId } from '#contract/run.ts'
import type {
  ExportWork,
  FeedWork,
  ImportWork,
  LoadWork,
  TransferProgress,
  TransferSpec,
} from '#contract/transfer.ts'
import { failed, RequestFailed } from '#kit/request-failed.ts'
import { failedBeforeStart, runOnHost, type HostAtWork, type HostRun } from '../queries/run-on-host.ts'
import { checkPlace, placeFile } from '../files/place-file.ts'
import type { Pumps } from '../pipes/pumps.ts'
import type { RunStore } from '../runs/run-store.ts'

export interface TransferRunning extends Pick<HostRun, 'store' | 'lease' | 'id' | 'signal' | 'onTrouble'> {
  /** Where the result of a run is, without the endings of its files. */
  readonly resultPath: (id: RunId) => string
  readonly spec: TransferSpec
  /** The named pipe that a run writes to or reads from. */
  readonly pipeEnd: Pumps['end']
}

/** Where an export is until it is whole: beside its place, so that it can be moved there. */
export function unfinishedFile(id: RunId, { file }: ExportWork): string {
  return `${file}.${id}.part`
}

/** Takes a queued transfer to its final state. Resolves with that once the work has really ended. */
export async function runTransfer(running: TransferRunning): Promise<Run> {
  const { store, id, spec } = running
  const { transfer } = spec
  try {
    if (transfer.kind === 'export') {
      await checkPlace(transfer.file, transfer.replace)
      await checkSource(store, transfer)
    }
  } catch (error) {
    return store.transition(id, failedBeforeStart(error))
  }
  return runOnHost({
    ...running,
    target: targetOf(transfer),
    lostMessage: () => `The process that did this ended unexpectedly. ${leftBy(transfer)} Try it again.`,
    async work(host) {
      switch (transfer.kind) {
        case 'export':
          await exportOn(host, running, transfer)
          break
        case 'import':
          await importOn(host, running, transfer)
          break
        case 'feed':
          // As a command that nobody reads: it has not failed, and has not done everything either.
          if (!(await feedOn(host, running, transfer)))
            return { kind: 'cancelled', ...host.ended(), how: 'between-rows' }
          break
        case 'load':
          await loadOn(host, running, transfer)
          break
        default:
          transfer satisfies never
      }
      return { kind: 'done', ...host.ended() }
    },
  })
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

function targetOf(work: TransferSpec['transfer']): { database: string; mode: 'read-only' | 'read-write' } {
  switch (work.kind) {
    case 'import':
    case 'load':
      return { database: work.database, mode: 'read-write' }
    case 'feed':
      return { database: work.database, mode: 'read-only' }
    case 'export': {
      const { source } = work
      const database = source.kind === 'query' ? source.database : `result:${source.run}`
      return { database, mode: 'read-only' }
    }
    default:
      return work satisfies never
  }
}

async function exportOn(host: HostAtWork, running: TransferRunning, work: ExportWork): Promise<void> {
  const { store, id, resultPath } = running
  const { lease, signal } = host
  const { source, columns, file, replace, format } = work
  const unfinished = unfinishedFile(id, work)
  try {
    const run = source.kind === 'result' ? await store.get(source.run) : undefined
    const rows = run?.kind === 'query' ? run.progress.rows : 0
    await host.stoppable(async (stopToken) => {
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
          stopToken,
        },
        { signal },
      )
      await followed(running, exporting)
      signal.throwIfAborted()
    })
    await placeFile(unfinished, file, replace)
  } finally {
    await rm(unfinished, { force: true })
  }
}

async function importOn(host: HostAtWork, running: TransferRunning, work: ImportWork): Promise<void> {
  const { table, create, file, format, columns } = work
  const { lease, signal } = host
  await host.stoppable(async (stopToken) => {
    const request = { table, create, file, format, columns, stopToken }
    await followed(running, lease.client.stream('import', request, { signal }))
  })
}

/** @returns false when whoever reads has ended before all was written. */
async function feedOn(host: HostAtWork, running: TransferRunning, work: FeedWork): Promise<boolean> {
  const { sql, params, format, pipe } = work
  const to = await running.pipeEnd(pipe, running.id, 'writers')
  const { lease, signal } = host
  try {
    await host.stoppable(async (stopToken) => {
      const source = { kind: 'query' as const, sql, ...(params ? { params } : {}) }
      const request = { source, to, isPipe: true, format, stopToken }
      await followed(running, lease.client.stream('export', request, { signal }))
      signal.throwIfAborted()
    })
    return true
  } catch (error) {
    if (error instanceof RequestFailed && error.failure.details?.engineCode === 'EPIPE') return false
    throw error
  }
}

async function loadOn(host: HostAtWork, running: TransferRunning, work: LoadWork): Promise<void> {
  const { table, create, format, columns, pipe } = work
  const file = await running.pipeEnd(pipe, running.id, 'readers')
  const { lease, signal } = host
  await host.stoppable(async (stopToken) => {
    const request = { table, create, file, isPipe: true, format, ...(columns && { columns }), stopToken }
    await followed(running, lease.client.stream('import', request, { signal }))
  })
}

async function followed(
  { store, id }: TransferRunning,
  work: AsyncIterable<TransferProgress> & { readonly result: Promise<TransferProgress> },
): Promise<void> {
  for await (const progress of work) store.progress(id, progress)
  store.progress(id, await work.result)
}

/** What a transfer leaves whose process has ended. */
function leftBy(transfer: TransferSpec['transfer']): string {
  switch (transfer.kind) {
    case 'export':
      return `${transfer.file} was not written.`
    case 'import':
    case 'load':
      return `Nothing was imported into "${transfer.table}".`
    case 'feed':
      return 'What reads its rows was stopped.'
    default:
      return transfer satisfies never
  }
}
