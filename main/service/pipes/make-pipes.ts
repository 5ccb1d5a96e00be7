import { DEFAULT_CAPACITY_BYTES, type Pipe, type PipeEnd, type PipeRequest } from '#contract/pipe.ts'
import type { PipeId } from '#contract/pipe-id.ts'
import type { Run, RunId } from '#contract/run.ts'
import type { AskedTerms, PipePlace } from '#contract/terms.ts'
import type { TransferSpec } from '#contract/transfer.ts'
import { failed } from '#kit/request-failed.ts'
import type { RunStore } from '../runs/run-store.ts'
import type { Scheduler } from '../scheduler/open-scheduler.ts'
import type { Vault } from '../secrets/vault.ts'
import { checkRequest } from './check-request.ts'
import type { Pumps } from './pumps.ts'
import type { PipeContent } from './stored-pipe.ts'

export interface PipeMaking {
  readonly store: RunStore
  readonly pumps: Pumps
  readonly scheduler: Scheduler
  readonly vault: Pick<Vault, 'sealSpec' | 'storeEnvironment'>
  readonly signal: AbortSignal
}

/**
 * Makes the runs of a pipe and its buffers; all of them wait for the first run, which is held.
 * @throws RequestFailed when it is refused; what was made by then is ended.
 */
export async function makePipes(
  { store, pumps, scheduler, vault, signal }: PipeMaking,
  request: PipeRequest,
): Promise<{ readonly pipes: Pipe[]; readonly runs: Run[] }> {
  checkRequest(request)
  const { stages, terms = {}, spread = 'copy', strict = false } = request
  const content: PipeContent = {
    createdAt: Date.now(),
    capacity: request.capacity ?? DEFAULT_CAPACITY_BYTES,
    spread,
    // A table has all rows or none, so it must know whether all were written.
    strict: strict || stages.at(-1)?.[0]?.kind === 'table',
    leader: null,
    writers: [],
    readers: [],
  }
  const ids: PipeId[] = []
  const made: Run[][] = []
  try {
    for (let between = 1; between < stages.length; between += 1) ids.push(await pumps.add(content))
    let leader: RunId | undefined
    for (const [stage, ends] of stages.entries()) {
      const runs: Run[] = []
      made.push(runs)
      for (const end of ends) {
        signal.throwIfAborted()
        const place: PipePlace = {
          ...(stage > 0 && { reads: ids[stage - 1] }),
          ...(stage < ids.length && { writes: ids[stage] }),
          ...(leader !== undefined && { startsWith: leader }),
        }
        const run = await makeRun(end, place)
        leader ??= run.id
        runs.push(run)
      }
    }
    for (const [index, id] of ids.entries()) {
      const joined = { writers: endsOf(made[index]), readers: endsOf(made[index + 1]) }
      await pumps.complete(id, { ...content, ...joined, leader: leader ?? null })
    }
    return { pipes: await Promise.all(ids.map((id) => pumps.get(id))), runs: made.flat() }
  } catch (error) {
    for (const { id, kind } of made.flat()) if (kind === 'command') await scheduler.cancel(id)
    for (const { id, kind } of made.flat())
      if (kind === 'transfer')
        await store.transition(id, {
          kind: 'cancelled',
          endedAt: Date.now(),
          durationMs: 0,
          how: 'before-start',
        })
    for (const id of ids) await pumps.giveUp(id, { kind: 'cut', run: null })
    throw error
  }

  async function makeRun(end: PipeEnd, place: PipePlace): Promise<Run> {
    const { startsWith } = place
    switch (end.kind) {
      case 'command': {
        const { callerEnvironment, ...spec } = end
        const { pool, priority, runLimitMs } = terms
        const own: AskedTerms =
          startsWith === undefined ? { ...terms, held: true } : { pool, priority, runLimitMs }
        return scheduler.run({
          spec: await vault.sealSpec(spec),
          terms: own,
          environment: callerEnvironment && (await vault.storeEnvironment(callerEnvironment, spec)),
          pipe: place,
          whenFull: 'refuse',
          signal,
        })
      }
      case 'query': {
        const { database, sql, params, format } = end
        const feed = { kind: 'feed' as const, database, sql, format, ...(params && { params }) }
        return makeTransfer({ ...feed, pipe: piped(place.writes) }, startsWith)
      }
      case 'table': {
        return makeTransfer({ ...end, kind: 'load', pipe: piped(place.reads) }, startsWith)
      }
      default:
        return end satisfies never
    }
  }

  function makeTransfer(transfer: TransferSpec['transfer'], startsWith: RunId | undefined): Promise<Run> {
    const reason =
      startsWith === undefined
        ? { kind: 'starting' as const }
        : { kind: 'starts-with' as const, run: startsWith }
    return store.create({ kind: 'transfer', transfer }, { reasons: [reason] })
  }
}

function endsOf(runs: readonly Run[] = []): PipeContent['writers'] {
  return runs.map(({ id, kind }) => ({ run: id, kind: kind === 'command' ? 'command' : 'host' }))
}

function piped(id: PipeId | undefined): PipeId {
  if (id === undefined) throw failed('internal', 'A run of a pipe has no pipe.')
  return id
}
