import type { OutputProgress, Run, RunId } from '#contract/run.ts'
import type { RunStore } from '../../runs/run-store.ts'
import { RUNS_LOOKED_AT, usualDuration } from '../../runs/usual-duration.ts'
import type { Tail } from '../tail.ts'
import { nextProgress, type KnownProgress } from './next-progress.ts'
import { watchSilence } from './watch-silence.ts'

/** How often the list of runs hears of more output, in milliseconds: a number that changes faster cannot be read. */
const PROGRESS_MS = 100
/** Nobody looks up how long a command usually takes that is over before one could read it. Milliseconds. */
const USUAL_AFTER_MS = 2_000

/** When it is told that a command writes nothing; without them it never is. */
export interface SilenceLimits {
  /** After how long without output, in milliseconds; undefined for never. */
  readonly quietAfterMs?: (id: RunId) => number | undefined
  readonly awaitsInput?: (pid: number) => Promise<boolean | undefined>
}

/** Tells how far one command is that runs. */
export interface ProgressNotes {
  /** Its output has changed; it is told a little later, with what there is by then. */
  changed(): void
  /** Something was sent to it: whatever it has asked for is answered. */
  sent(): void
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
  limits: SilenceLimits = {},
): ProgressNotes {
  let known: KnownProgress = {}
  let usual: OutputProgress['usual']
  let noting: NodeJS.Timeout | undefined
  const decoder = new TextDecoder()
  let seenBytes = 0
  const latest = (): string => decoder.decode(tail.latest())

  function note(): void {
    noting = undefined
    const { bytes, lines, indexedBytes, gap, overLimit } = tail.status
    // While it catches up with what was written before, the pace would be that of reading.
    if (indexedBytes === bytes) known = nextProgress(known, latest(), Date.now())
    if (bytes !== seenBytes) watch.stirred()
    seenBytes = bytes
    const { told } = known
    const { silence } = watch
    runs.progress(id, {
      bytes,
      lines,
      ...(gap && { gone: gap.bytes }),
      ...(overLimit && { overLimit }),
      ...(told && { told }),
      ...(silence && { silence }),
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

  const watch = watchSilence({
    latest,
    quietAfterMs: () => limits.quietAfterMs?.(id),
    async awaitsInput() {
      const state = runs.present(id)?.state
      return state?.kind === 'running' && state.pid !== undefined
        ? limits.awaitsInput?.(state.pid)
        : undefined
    },
    canBeAnswered: canBeAnswered(runs.present(id)),
    isPaused: () => runs.present(id)?.state.kind === 'paused',
    onChanged: () => notes.changed(),
    onTrouble: (error) => onTrouble(`Whether run ${id} waits for input is not known.`, error),
  })

  let closed = false
  const notes: ProgressNotes = {
    changed() {
      if (!closed) noting ??= setTimeout(note, PROGRESS_MS)
    },
    sent: () => watch.stirred(),
    close() {
      closed = true
      watch.close()
      clearTimeout(looking)
      clearTimeout(noting)
    },
  }
  return notes
}

/** Whether somebody can send it something. */
function canBeAnswered(run: Run | undefined): boolean {
  if (run?.kind !== 'command') return false
  return run.spec.terminal !== undefined || run.spec.standardInput?.kind === 'open'
}
