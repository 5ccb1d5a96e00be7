import type { OutputProgress, RunId } from '#contract/run.ts'
import type { RunStore } from '../../runs/run-store.ts'
import { RUNS_LOOKED_AT, usualDuration } from '../../runs/usual-duration.ts'
import type { Tail } from '../tail.ts'
import { nextProgress, type KnownProgress } from './next-progress.ts'

/** How often the list of runs hears of more output, in milliseconds: a number that changes faster cannot be read. */
const PROGRESS_MS = 100
/** Nobody looks up how long a command usually takes that is over before one could read it. Milliseconds. */
const USUAL_AFTER_MS = 2_000

/** Tells how far one command is that runs. */
export interface ProgressNotes {
  /** Its output has changed; it is told a little later, with what there is by then. */
  changed(): void
  close(): void
}

/**
 * Begins to tell how far a command is: how much it has written, what that says of its end, and how long it usually takes.
 * @param onTrouble is told why the app database did not say how long it usually takes.
 */
export function noteProgress(
  runs: Pick<RunStore, 'progress' | 'present' | 'commandDurations'>,
  id: RunId,
  tail: Pick<Tail, 'status' | 'latest'>,
  onTrouble: (message: string, cause: unknown) => void,
): ProgressNotes {
  let known: KnownProgress = {}
  let usual: OutputProgress['usual']
  let noting: NodeJS.Timeout | undefined
  const decoder = new TextDecoder()

  function note(): void {
    noting = undefined
    const { bytes, lines, indexedBytes, gap, overLimit } = tail.status
    // While it catches up with what was written before, the pace would be that of reading.
    if (indexedBytes === bytes) known = nextProgress(known, decoder.decode(tail.latest()), Date.now())
    const { told } = known
    runs.progress(id, {
      bytes,
      lines,
      ...(gap && { gone: gap.bytes }),
      ...(overLimit && { overLimit }),
      ...(told && { told }),
      ...(usual && { usual }),
    })
  }

  async function lookUp(): Promise<void> {
    const run = runs.present(id)
    if (run?.kind !== 'command') return
    const { durationMs, basedOn } = usualDuration(await runs.commandDurations(run.spec, RUNS_LOOKED_AT))
    if (durationMs === null) return
    usual = { durationMs, basedOn }
    notes.changed()
  }

  const looking = setTimeout(() => {
    lookUp().catch((error: unknown) => onTrouble(`How long run ${id} takes could not be looked up.`, error))
  }, USUAL_AFTER_MS)
  looking.unref()

  let closed = false
  const notes: ProgressNotes = {
    changed() {
      if (!closed) noting ??= setTimeout(note, PROGRESS_MS)
    },
    close() {
      closed = true
      clearTimeout(looking)
      clearTimeout(noting)
    },
  }
  return notes
}
