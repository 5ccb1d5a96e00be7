import type { OutputGap } from '#contract/output-gap.ts'
import { isFinal, type OutputProgress, type Run, type RunId, type RunState } from '#contract/run.ts'
import type { ServiceContract } from '#contract/service.ts'
import { failed } from '#kit/request-failed.ts'
import type { Handlers } from '#kit/serve.ts'
import type { RunStore } from '../runs/run-store.ts'
import { attemptOf } from '../commands/attempt.ts'
import { copyLines } from './copy-lines.ts'
import type { LogLimit } from './gap/limit-output.ts'
import { noteProgress, type ProgressNotes } from './progress/note-progress.ts'
import { readLines } from './read-lines.ts'
import { checkPattern, openSearches } from './search-output.ts'
import { tail, type Tail } from './tail.ts'

/** Finished outputs whose line counts stay in memory after they were looked at: one for each of a few open tabs. */
const MAX_KEPT_TAILS = 16

/** The part of the service's contract that is about output. */
export type OutputHandlers = Pick<
  Handlers<ServiceContract>,
  'output.watch' | 'output.lines' | 'output.copy' | 'output.search'
>

/** The output of every command, running or long finished. */
export interface Outputs {
  readonly handlers: OutputHandlers
  /** Begins to follow the output of a command that runs, in that attempt: an earlier one is not followed any more. */
  follow(id: RunId, attempt: number): void
  /** Says that the command has ended; resolves with what it wrote once all of it is counted, or as far as it can be read. */
  finish(id: RunId, attempt: number): Promise<OutputProgress>
  /** Stops looking at any file. */
  close(): void
}

export interface OutputsOptions {
  readonly runs: RunStore
  /** Absolute path of the folder in which each command run has one. */
  readonly folder: string
  /** The thread that searches: its bundle, or its source where TypeScript is run directly. */
  readonly searchWorker: URL
  /** How logs are kept to their limits, in bytes; a run may have one of its own. */
  readonly limits: { readonly bytes: (id: RunId) => number; readonly freeRange: LogLimit['freeRange'] }
  /** Told of what went wrong inside Offloop itself; meant for the log. */
  readonly onTrouble: (message: string, cause?: unknown) => void
}

interface FollowedOutput {
  readonly tail: Tail
  readonly file: string
  /** While its command runs. */
  notes: ProgressNotes | undefined
}

/** Opens the outputs of the command runs in a folder. */
export function openOutputs({ runs, folder, searchWorker, limits, onTrouble }: OutputsOptions): Outputs {
  const searches = openSearches(searchWorker)
  const tails = new Map<RunId, FollowedOutput>()

  function start(id: RunId, number: number, running: boolean, atLeast: number): Tail {
    const attempt = attemptOf(folder, id, number)
    const opened = tail({
      output: attempt.output,
      kept: attempt.lines,
      gapFile: attempt.gap,
      limit: { ...limits, bytes: () => limits.bytes(id), onTrouble },
      running,
      atLeast,
      onStatus: () => entry.notes?.changed(),
    })
    const notes = running ? noteProgress(runs, id, opened, onTrouble) : undefined
    const entry: FollowedOutput = { tail: opened, file: attempt.output, notes }
    tails.set(id, entry)
    // A failure is for whoever looks now; the next one tries again.
    opened.complete.catch(() => {
      if (!entry.notes && tails.get(id) === entry) tails.delete(id)
    })
    return opened
  }

  function makeRoom(): void {
    const finished = [...tails].filter(([, { notes }]) => !notes)
    for (const [id, { tail: oldest }] of finished.slice(0, Math.max(0, finished.length - MAX_KEPT_TAILS))) {
      tails.delete(id)
      oldest.close()
    }
  }

  /** @throws RequestFailed `not-found` when there is no such command run or it has never run. */
  async function tailOf(id: RunId): Promise<{ readonly tail: Tail; readonly file: string }> {
    const run = await runs.get(id)
    if (!run) throw failed('not-found', `There is no run ${id}. It may have been deleted from the history.`)
    if (run.kind !== 'command')
      throw failed('not-found', `Run ${id} is a query: it has a result and no output.`)
    const known = tails.get(id)
    if (known?.file === attemptOf(folder, id, run.attempt).output) {
      // Moved to the end: the first of the map is the one not used for longest.
      tails.delete(id)
      tails.set(id, known)
      return known
    }
    if (run.state.kind === 'queued')
      throw failed('not-found', `Run ${id} has not started, so it has no output yet.`)
    if (neverRan(run)) throw failed('not-found', `Run ${id} never ran, so it has no output.`)
    const opened = start(id, run.attempt, false, isFinal(run.state) ? run.progress.bytes : 0)
    makeRoom()
    return { tail: opened, file: attemptOf(folder, id, run.attempt).output }
  }

  /** The tail as soon as it knows enough to answer: at once while it grows, else when all is counted up to `line`. */
  async function countedTo(
    id: RunId,
    line: number,
    signal: AbortSignal,
  ): Promise<{ readonly found: Tail; readonly file: string }> {
    const { tail: found, file } = await tailOf(id)
    const running = tails.get(id)?.notes !== undefined
    while (!running && !found.status.complete && found.counts.newlines <= line) {
      signal.throwIfAborted()
      await found.changed(signal)
    }
    return { found, file }
  }

  return {
    handlers: {
      async 'output.watch'({ id }, { signal, emit, offer }) {
        const { tail: found } = await tailOf(id)
        const stopLooking = found.look()
        try {
          while (!found.status.complete) {
            // Asked for before the status is sent, so that no change falls between; left unheard when the asker leaves.
            const changed = found.changed(signal)
            changed.catch(() => undefined)
            const { status } = found
            if (!offer(status)) await emit(status)
            await changed
            signal.throwIfAborted()
          }
          return found.status
        } finally {
          stopLooking()
        }
      },

      async 'output.lines'({ id, from, count }, { signal }) {
        const { found, file } = await countedTo(id, from + count, signal)
        const growing = !found.status.complete
        return steadily(found, signal, (gap) => readLines(file, found.counts, { from, count, growing, gap }))
      },

      async 'output.search'({ id, query }, context) {
        checkPattern(query)
        const { tail: found, file } = await tailOf(id)
        return searches.search(file, found, query, context)
      },

      async 'output.copy'({ id, ...lines }, { signal }) {
        const { found, file } = await countedTo(id, lines.from + lines.count, signal)
        return { text: await steadily(found, signal, (gap) => copyLines(file, found.counts, gap, lines)) }
      },
    },

    follow(id, attempt) {
      const known = tails.get(id)
      if (known?.file === attemptOf(folder, id, attempt).output) return
      known?.notes?.close()
      known?.tail.close()
      start(id, attempt, true, 0)
    },

    async finish(id, attempt) {
      const entry = tails.get(id)
      const ending = entry?.tail ?? start(id, attempt, false, 0)
      entry?.notes?.close()
      ending.end()
      try {
        const { bytes, lines, gap, overLimit } = await ending.complete
        return { bytes, lines, ...(gap && { gone: gap.bytes }), ...(overLimit && { overLimit }) }
      } catch {
        // The view of this output says what is wrong with its file; the run itself ends all the same.
        tails.delete(id)
        return { bytes: ending.status.bytes, lines: null }
      } finally {
        if (entry) entry.notes = undefined
        makeRoom()
      }
    },

    close() {
      for (const { tail: followed, notes } of tails.values()) {
        notes?.close()
        followed.close()
      }
      tails.clear()
    },
  }
}

/** Reads until nothing was given up meanwhile: what was would look like zeros that the command has written. */
async function steadily<T>(
  found: Tail,
  signal: AbortSignal,
  read: (gap: OutputGap | undefined) => Promise<T>,
): Promise<T> {
  for (;;) {
    const { gap } = found
    const answer = await read(gap).catch((error: unknown) => {
      if (gap === found.gap) throw error
    })
    if (gap === found.gap && answer !== undefined) return answer
    signal.throwIfAborted()
  }
}

function neverRan({ state }: Run): boolean {
  const never: readonly RunState['kind'][] = ['failed-to-spawn', 'dependency-failed', 'interrupted']
  return never.includes(state.kind) || ('how' in state && state.how === 'before-start')
}
