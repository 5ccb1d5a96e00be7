import type { QueryRun, RunId, RunState } from '#contract/run.ts'
import { measureResult, type KeptResult } from '../results/measure-result.ts'
import type { RunStore } from '../runs/run-store.ts'
import { hasBegun, waitsForItself } from '../scheduler/restore-runs.ts'

/** Queries end with the service: those that the last one left at work become lost, with what is known of them. */
export async function loseUnfinished(store: RunStore, resultPath: (id: RunId) => string): Promise<void> {
  for (const run of await store.unfinished()) {
    if (run.kind !== 'query' || waitsForItself(run)) continue
    const kept = await measureResult(resultPath(run.id))
    if (kept) {
      const { columns, rows, bytes } = kept
      store.progress(run.id, { columns, rows, bytes, changes: run.progress.changes })
    }
    await store.transition(run.id, lostState(run, kept))
  }
}

function lostState(run: QueryRun, kept: KeptResult | undefined): RunState {
  const endedAt = Date.now()
  const changes =
    run.spec.mode === 'read-write'
      ? 'If it changed the database, then either wholly or not at all: look before you run it again.'
      : 'Run it again to have all of it.'
  if (run.state.kind !== 'running') {
    // That it has begun is written while it does, so the disk may not know it yet.
    const message =
      hasBegun(run.state) && run.spec.mode === 'read-write'
        ? `Offloop ended as this query was about to begin. ${changes}`
        : 'Offloop ended before this query began; it was not run. Run it again.'
    return { kind: 'lost', endedAt, message }
  }
  const { startedAt } = run.state
  const rows = kept
    ? `${kept.rows} rows were kept${kept.ended ? ', which are all of them' : ''}.`
    : 'No rows were kept.'
  return {
    kind: 'lost',
    startedAt,
    endedAt,
    message: `Offloop ended while this query was running. ${rows} ${changes}`,
  }
}
