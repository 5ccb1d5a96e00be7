import type { OutputGap } from '#contract/output-gap.ts'
import { outputPart, type OutputPart } from '#contract/output-part.ts'
import {
  isFinal,
  type CommandRun,
  type OutputProgress,
  type Run,
  type RunId,
  type RunState,
} from '#contract/run.ts'
import type { ServiceContract } from '#contract/service.ts'
import { failed } from '#kit/request-failed.ts'
import type { Handlers } from '#kit/serve.ts'
import type { RunStore } from '../runs/run-store.ts'
import { attemptOf } from '../commands/attempt.ts'
import { hasErrorsApart, partOf, type PartFiles } from './apart/part-of.ts'
import { markErrors } from './apart/mark-errors.ts'
import type { DiffSide } from '../diff/diff-messages.ts'
import { openDiffs } from '../diff/diff-outputs.ts'
import { sizeOf } from './catch-up.ts'
import { copyLines } from './copy-lines.ts'
import { readGap } from './gap/gap-file.ts'
import type { LogLimit } from './gap/limit-output.ts'
import { noteProgress, type ProgressNotes, type SilenceLimits } from './progress/note-progress.ts'
import { readLines } from './read-lines.ts'
import { readOutput } from './read-output.ts'
import { checkPattern, openSearches } from './search-output.ts'
import { tail, type Tail, type TailOptions } from './tail.ts'
import { markTimes, timesOf } from './times/mark-times.ts'

/** Finished outputs whose line counts stay in memory after they were looked at: one for each of a few open tabs. */
const MAX_KEPT_TAILS = 16

/** The part of the service's contract that is about output. */
export type OutputHandlers = Pick<
  Handlers<ServiceContract>,
  'output.watch' | 'output.lines' | 'output.read' | 'output.copy' | 'output.search' | 'output.diff'
>

/** The output of every command, running or long finished. */
export interface Outputs {
  readonly handlers: OutputHandlers
  /**
   * Begins to follow the output of a command that runs, in that attempt: an earlier one is not followed any more.
   * @param hasJustBegun whether this service has started it, and not an earlier one.
   */
  follow(run: FollowedRun, hasJustBegun: boolean): void
  /** Says that the command has ended; resolves with what it wrote once all of it is counted, or as far as it can be read. */
  finish(run: FollowedRun): Promise<OutputProgress>
  /** Says that something was sent to the standard input of a command that runs, or typed there. */
  sent(id: RunId): void
  /** Stops looking at any file. */
  close(): void
}

export interface OutputsOptions {
  readonly runs: RunStore
  /** Absolute path of the folder in which each command run has one. */
  readonly folder: string
  /** The thread that searches: its bundle, or its source where TypeScript is run directly. */
  readonly searchWorker: URL
  /** The thread that compares, likewise. */
  readonly diffWorker: URL
  /** How logs are kept to their limits, in bytes; a run may have one of its own. */
  readonly limits: { readonly bytes: (id: RunId) => number; readonly freeRange: LogLimit['freeRange'] }
  readonly silence?: SilenceLimits
  /** Told of what went wrong inside Offloop itself; meant for the log. */
  readonly onTrouble: (message: string, cause?: unknown) => void
}

/** A command in one of its attempts. */
export type FollowedRun = Pick<CommandRun, 'id' | 'spec' | 'attempt'>

interface FollowedOutput {
  readonly tail: Tail
  readonly files: PartFiles
  /** Its command may write more. */
  growing: boolean
  /** Of everything that the command writes, while it runs. */
  notes: ProgressNotes | undefined
}

type TailKey = `${RunId} ${OutputPart}`

/** Opens the outputs of the command runs in a folder. */
export function openOutputs(options: OutputsOptions): Outputs {
  const { runs, folder, searchWorker, diffWorker, limits, silence, onTrouble } = options
  const searches = openSearches(searchWorker)
  const diffs = openDiffs(diffWorker)
  const tails = new Map<TailKey, FollowedOutput>()

  const filesOf = (run: FollowedRun, part: OutputPart): PartFiles =>
    partOf(run, attemptOf(folder, run.id, run.attempt), part)

  function start(
    run: FollowedRun,
    part: OutputPart,
    known: Pick<TailOptions, 'running' | 'hasJustBegun' | 'atLeast'>,
  ): FollowedOutput {
    const { running } = known
    const { id } = run
    const key: TailKey = `${id} ${part}`
    const files = filesOf(run, part)
    const opened = tail({
      output: files.output,
      kept: files.lines,
      times: { file: files.times, onTrouble },
      gapFile: files.gap,
      limit: { ...limits, bytes: () => limits.bytes(id), onTrouble },
      ...known,
      onStatus: () => entry.notes?.changed(),
    })
    const notes = running && part === 'all' ? noteProgress(runs, id, opened, onTrouble, silence) : undefined
    const entry: FollowedOutput = { tail: opened, files, growing: running, notes }
    tails.set(key, entry)
    // A failure is for whoever looks now; the next one tries again.
    opened.complete.catch(() => {
      if (!entry.growing && tails.get(key) === entry) tails.delete(key)
    })
    return entry
  }

  function letGo(key: TailKey): void {
    const entry = tails.get(key)
    entry?.notes?.close()
    entry?.tail.close()
    tails.delete(key)
  }

  function makeRoom(): void {
    const finished = [...tails].filter(([, { growing }]) => !growing).map(([key]) => key)
    for (const key of finished.slice(0, Math.max(0, finished.length - MAX_KEPT_TAILS))) letGo(key)
  }

  /** @throws RequestFailed `not-found` when there is no such command run, it has never run, or it has no such part. */
  async function tailOf(id: RunId, part: OutputPart = 'all'): Promise<FollowedOutput> {
    const run = await runs.get(id)
    if (!run) throw failed('not-found', `There is no run ${id}. It may have been deleted from the history.`)
    if (run.kind !== 'command')
      throw failed('not-found', `Run ${id} is a query: it has a result and no output.`)
    const key: TailKey = `${id} ${part}`
    const known = tails.get(key)
    if (known?.files.output === filesOf(run, part).output) {
      // Moved to the end: the first of the map is the one not used for longest.
      tails.delete(key)
      tails.set(key, known)
      return known
    }
    if (run.state.kind === 'queued')
      throw failed('not-found', `Run ${id} has not started, so it has no output yet.`)
    if (neverRan(run)) throw failed('not-found', `Run ${id} never ran, so it has no output.`)
    const atLeast = part === 'all' && isFinal(run.state) ? run.progress.bytes : 0
    const opened = start(run, part, { running: false, atLeast })
    makeRoom()
    return opened
  }

  /** The tail as soon as it knows enough to answer: at once while it grows, else when all is counted up to `line`. */
  async function countedTo(
    { id, part }: { readonly id: RunId; readonly part?: OutputPart | undefined },
    line: number,
    signal: AbortSignal,
  ): Promise<{ readonly found: Tail; readonly files: PartFiles }> {
    const entry = await tailOf(id, part)
    const { tail: found, files } = entry
    while (!entry.growing && !found.status.complete && found.counts.newlines <= line) {
      signal.throwIfAborted()
      await found.changed(signal)
    }
    return { found, files }
  }

  /** @throws RequestFailed as `tailOf`, or `invalid-params`. */
  async function sideOf(id: RunId): Promise<DiffSide> {
    const { files } = await tailOf(id)
    if (await readGap(files.gap))
      throw failed(
        'invalid-params',
        `The middle of the output of run ${id} was not kept, because its log had reached its limit, so it cannot be compared. ` +
          'Run it again with a higher limit.',
      )
    return { path: files.output, bytes: await sizeOf(files.output) }
  }

  return {
    handlers: {
      async 'output.watch'({ id, part }, { signal, emit, offer }) {
        const { tail: found } = await tailOf(id, part)
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

      async 'output.lines'({ id, part, from, count, times = false }, { signal }) {
        const { found, files } = await countedTo({ id, part }, from + count, signal)
        const growing = !found.status.complete
        const page = await steadily(found, signal, (gap) =>
          readLines(files.output, found.counts, { from, count, growing, gap }),
        )
        let { lines } = page
        if (files.apart !== undefined) lines = await markErrors(files.apart, page)
        if (!times) return { from, lines }
        await found.writeTimes()
        return { from, lines: await markTimes(files.times, { ...page, lines }, lifeOf(await runs.get(id))) }
      },

      async 'output.read'({ id, attempt, part, from, count, times = false }) {
        const run = await runs.get(id)
        if (!run)
          throw failed('not-found', `There is no run ${id}. It may have been deleted from the history.`)
        if (run.kind !== 'command')
          throw failed('not-found', `Run ${id} is a ${run.kind}: it has a result and no output.`)
        const number = attempt ?? run.attempt
        const files = partOf(run, attemptOf(folder, id, number), part)
        const read = await readOutput(files, from, count)
        if (!times) return { ...read, times: [] }
        const known = tails.get(`${id} ${part ?? 'all'}`)
        if (known?.files.output === files.output) await known.tail.writeTimes()
        const stretch = [read.from, read.from + read.bytes.length] as const
        const life = number === run.attempt ? lifeOf(run) : undefined
        return { ...read, times: await timesOf(files.times, stretch, life) }
      },

      async 'output.search'({ id, part, query }, context) {
        checkPattern(query)
        const { tail: found, files } = await tailOf(id, part)
        return searches.search(files.output, found, query, context)
      },

      async 'output.diff'({ before, after, ignore }, context) {
        const sides = { before: await sideOf(before), after: await sideOf(after), ignore }
        return diffs.diff(sides, context)
      },

      async 'output.copy'({ id, part, ...lines }, { signal }) {
        const { found, files } = await countedTo({ id, part }, lines.from + lines.count, signal)
        return {
          text: await steadily(found, signal, (gap) => copyLines(files.output, found.counts, gap, lines)),
        }
      },
    },

    follow(run, hasJustBegun) {
      const known = tails.get(`${run.id} all`)
      if (known?.files.output === filesOf(run, 'all').output) return
      for (const part of outputPart.options) letGo(`${run.id} ${part}`)
      start(run, 'all', { running: true, hasJustBegun, atLeast: 0 })
      // Nobody may look at it, but its log has a limit too.
      if (hasErrorsApart(run.spec)) start(run, 'errors', { running: true, hasJustBegun, atLeast: 0 })
    },

    async finish(run) {
      const key: TailKey = `${run.id} all`
      const entry = tails.get(key) ?? start(run, 'all', { running: false, atLeast: 0 })
      const errors = tails.get(`${run.id} errors`)
      entry.notes?.close()
      entry.tail.end()
      errors?.tail.end()
      try {
        // What is wrong with it is said to whoever looks at it.
        await errors?.tail.complete.catch(() => undefined)
        const { bytes, lines, gap, overLimit } = await entry.tail.complete
        return { bytes, lines, ...(gap && { gone: gap.bytes }), ...(overLimit && { overLimit }) }
      } catch {
        // The view of this output says what is wrong with its file; the run itself ends all the same.
        tails.delete(key)
        return { bytes: entry.tail.status.bytes, lines: null }
      } finally {
        for (const each of [entry, errors])
          if (each) Object.assign(each, { notes: undefined, growing: false })
        makeRoom()
      }
    },

    sent: (id) => tails.get(`${id} all`)?.notes?.sent(),

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

/** From the start of a run to its end, if it has had both. */
function lifeOf(run: Run | undefined): { readonly from: number; readonly to: number } | undefined {
  const state = run?.state
  if (!state || !('endedAt' in state) || !('startedAt' in state) || state.startedAt === undefined)
    return undefined
  return { from: state.startedAt, to: state.endedAt }
}

function neverRan({ state }: Run): boolean {
  const never: readonly RunState['kind'][] = ['failed-to-spawn', 'dependency-failed', 'interrupted']
  return never.includes(state.kind) || ('how' in state && state.how === 'before-start')
}
