import { isFinal, type Run, type RunId, type Silence } from '#contract/run.ts'
import type { Occasion } from './decide-notification.ts'

/** How long a batch must have had nothing left before it counts as ended: it may be added in parts. Milliseconds. */
const BATCH_SETTLES_MS = 2_000

/** Sees, in the changes of runs, what somebody may want to hear of. */
export interface OccasionSight {
  note(run: Run): void
  close(): void
}

interface Batch {
  readonly left: Set<RunId>
  readonly first: RunId
  readonly since: number
  done: number
  notDone: number
  settling: NodeJS.Timeout | undefined
}

/** @param tell is called with each occasion, once. */
export function sightOccasions(
  tell: (occasion: Occasion) => void,
  batchSettlesMs = BATCH_SETTLES_MS,
): OccasionSight {
  const alive = new Set<RunId>()
  const silences = new Map<RunId, Silence['kind']>()
  const batches = new Map<number, Batch>()

  function noteSilence(run: Run): void {
    const now = run.kind === 'command' ? run.progress.silence : undefined
    if (now?.kind === silences.get(run.id)) return
    if (run.kind !== 'command' || !now) return void silences.delete(run.id)
    silences.set(run.id, now.kind)
    switch (now.kind) {
      case 'asks':
        return tell({ kind: 'asks', run, prompt: now.prompt })
      case 'quiet':
        return tell({ kind: 'quiet', run, quietMs: Math.max(0, Date.now() - now.since) })
      default:
        now satisfies never
    }
  }

  function enterBatch(run: Run): void {
    if (!run.terms?.batch) return
    const { id } = run.terms.batch
    const batch: Batch = batches.get(id) ?? {
      left: new Set(),
      first: run.id,
      since: Date.now(),
      done: 0,
      notDone: 0,
      settling: undefined,
    }
    batches.set(id, batch)
    clearTimeout(batch.settling)
    batch.left.add(run.id)
  }

  function leaveBatch(run: Run): void {
    const id = run.terms?.batch?.id
    const batch = id === undefined ? undefined : batches.get(id)
    if (id === undefined || !batch?.left.delete(run.id)) return
    if (run.state.kind === 'done') batch.done += 1
    else batch.notDone += 1
    if (batch.left.size > 0) return
    const tookMs = Date.now() - batch.since
    batch.settling = setTimeout(() => {
      batches.delete(id)
      const { first, done, notDone } = batch
      tell({ kind: 'batch', run: first, done, notDone, tookMs })
    }, batchSettlesMs)
  }

  return {
    note(run) {
      if (!isFinal(run.state)) {
        if (!alive.has(run.id)) enterBatch(run)
        alive.add(run.id)
        return noteSilence(run)
      }
      silences.delete(run.id)
      // The last progress of a run may come after its end.
      if (!alive.delete(run.id)) return
      leaveBatch(run)
      tell({ kind: 'ended', run })
    },
    close() {
      for (const { settling } of batches.values()) clearTimeout(settling)
    },
  }
}
