import type { ServiceContract } from '#contract/service.ts'
import type { OutputGap } from '#contract/output-gap.ts'
import type { ItemOf } from '#contract/channel.ts'
import { failed } from '#kit/request-failed.ts'
import { catchUp, sizeOf, truncated } from './catch-up.ts'
import { readGap } from './gap/gap-file.ts'
import { limitOutput, type LogLimit, type OutputLimit } from './gap/limit-output.ts'
import { shownGap } from './gap/gone-lines.ts'
import { keepLatest } from './keep-latest.ts'
import { readKeptLines, writeKeptLines } from './kept-lines.ts'
import { countLines, STRETCH_BYTES, type KeptCounts, type LineCounts } from './line-counts.ts'
import { noteTimes, type TimeNotes, type TimeNotesOptions } from './times/note-times.ts'

export type OutputStatus = ItemOf<ServiceContract, 'output.watch'>

/** How soon a new line is seen by somebody who looks at the output: well within the 100 ms that feel immediate. */
const WATCHED_INTERVAL_MS = 30
/** How soon the size in the list of runs grows when nobody looks at the output itself. */
const UNWATCHED_INTERVAL_MS = 250

/** A command that has ended by then is looked at once, at its end. Milliseconds. */
const FIRST_LOOK_MS = 30

/** When so much has come since the last look, nobody is kept waiting at the end for what would come until the next. */
const FLOOD_BYTES = 1024 * 1024
/** How often it is told how far a look has come that takes longer, in milliseconds. */
const TELL_EVERY_MS = 100

/** As much of the end as shows how far a command is: a few states of a wide bar, which takes 3 bytes a character. */
const LATEST_BYTES = 8 * 1024

/** A shorter output is counted in less time than its count is read; thousands of short commands need no such file each. */
const LEAST_KEPT_BYTES = STRETCH_BYTES

export interface TailOptions {
  /** Absolute path of the output file. */
  readonly output: string
  /** Absolute path of the file that keeps the count of a long output once that is complete. */
  readonly kept: string
  /** Whether its command may write more; if not, everything there is counted once. */
  readonly running: boolean
  /** Whether nothing was written, and nothing given up, before. */
  readonly hasJustBegun?: boolean
  /** Bytes that the file is known to have had; fewer are damage. */
  readonly atLeast: number
  /** Absolute path of the record of what of the output was not kept. */
  readonly gapFile: string
  /** Where it is noted when the bytes of a growing output come. */
  readonly times?: Pick<TimeNotesOptions, 'onTrouble'> & { readonly file: string }
  /** Keeps a growing output to its limit. */
  readonly limit?: LogLimit | undefined
  /** Called when the status has changed. */
  readonly onStatus?: (status: OutputStatus) => void
}

/** Follows one output file and knows its lines. */
export interface Tail {
  readonly counts: LineCounts
  readonly status: OutputStatus
  /** The last bytes that were counted, a few kilobytes at most. */
  latest(): Uint8Array
  /** What of the output was not kept. */
  readonly gap: OutputGap | undefined
  /** Where that begins and ends, for threads: they read it after each read of the file, and see it before it is so. */
  readonly sharedGap: SharedArrayBuffer
  /** Resolves once it can be read when the bytes came that were counted. */
  writeTimes(): Promise<void>
  /** Settles when the output is complete, or fails when its file cannot be read. */
  readonly complete: Promise<OutputStatus>
  /** Says that somebody looks at this output: new lines are then seen sooner. Returns what ends that. */
  look(): () => void
  /** Resolves when the status next changes or the signal is aborted; fails when the tail has failed. */
  changed(signal: AbortSignal): Promise<void>
  /** Says that the command has ended: what is in the file now is all. */
  end(): void
  /** Stops looking at the file. */
  close(): void
}

/** Begins to follow an output file. */
export function tail(options: TailOptions): Tail {
  const { output, kept, running, hasJustBegun = false, atLeast, gapFile, limit, onStatus } = options
  const closing = new AbortController()
  let counts = countLines()
  const latest = keepLatest(LATEST_BYTES)
  let size = 0
  let mayGrow = running
  let complete = false
  let settled = false
  let lookers = 0
  let gap: OutputGap | undefined
  let limiting: OutputLimit | undefined
  let times: TimeNotes | undefined
  const sharedGap = new SharedArrayBuffer(2 * BigInt64Array.BYTES_PER_ELEMENT)
  /** Ends the present pause. */
  let poke = (): void => undefined
  const waiting = new Set<() => void>()

  const status = (): OutputStatus => ({
    bytes: Math.max(size, counts.bytes),
    lines: counts.lines,
    indexedBytes: counts.bytes,
    complete,
    gap: gap ? shownGap(counts, gap) : null,
    overLimit: limiting?.impossible ?? false,
  })
  function setGap(next: OutputGap | undefined): void {
    gap = next
    const shared = new BigInt64Array(sharedGap)
    Atomics.store(shared, 0, BigInt(next?.from ?? 0))
    Atomics.store(shared, 1, BigInt(next?.to ?? 0))
    tell()
  }
  function tell(): void {
    onStatus?.(status())
    for (const wake of [...waiting]) wake()
  }

  async function follow(): Promise<OutputStatus> {
    if (hasJustBegun && mayGrow && lookers === 0) await pause(FIRST_LOOK_MS)
    closing.signal.throwIfAborted()
    if (!hasJustBegun) setGap(await readGap(gapFile))
    const earlier = running ? undefined : await keptBefore()
    if (earlier) counts = countLines(earlier)
    if (running && limit) limiting = limitOutput({ ...limit, output, gapFile, counts, gap, onGap: setGap })
    if (running && options.times) times = noteTimes({ ...options.times, output, times: options.times.file })
    for (;;) {
      const last = !mayGrow
      const seen = counts.bytes
      const lookedAt = Date.now()
      let toldAt = lookedAt
      size = await sizeOf(output)
      await catchUp(output, counts, size, closing.signal, {
        gap: () => gap,
        onCounted(bytes) {
          latest.add(bytes)
          limiting?.look()
          // What is seen by one look is noted, and then told, after it.
          if (Date.now() - toldAt < TELL_EVERY_MS) return
          toldAt = Date.now()
          times?.passed(counts.bytes)
          tell()
        },
      })
      await times?.looked(counts.bytes, lookedAt, last)
      if (last) break
      if (counts.bytes !== seen) tell()
      const isSoon = lookers > 0 || counts.bytes - seen >= FLOOD_BYTES
      if (mayGrow) await pause(isSoon ? WATCHED_INTERVAL_MS : UNWATCHED_INTERVAL_MS)
      closing.signal.throwIfAborted()
    }
    await Promise.all([limiting?.settle(), times?.write()])
    complete = true
    if (counts.bytes >= LEAST_KEPT_BYTES && earlier?.bytes !== counts.bytes)
      await writeKeptLines(kept, { ...pick(counts), entries: counts.entries() })
    return status()
  }

  /** The count of a complete output; one of more than there is belongs to a file that was cut, and is made again. */
  async function keptBefore(): Promise<KeptCounts | undefined> {
    const earlier = await readKeptLines(kept)
    size = await sizeOf(output)
    if (size < atLeast) throw truncated(output, size, atLeast)
    return earlier && earlier.bytes <= size ? earlier : undefined
  }

  function pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds)
      poke = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  const whole = follow().finally(() => {
    settled = true
    tell()
  })
  // Whoever shows this output sees the failure; nobody need be looking.
  whole.catch(() => undefined)

  return {
    get counts() {
      return counts
    },
    get status() {
      return status()
    },
    latest: latest.bytes,
    get gap() {
      return gap
    },
    sharedGap,
    writeTimes: () => times?.write() ?? Promise.resolve(),
    complete: whole,
    look() {
      lookers += 1
      poke()
      let looking = true
      return () => {
        if (looking) lookers -= 1
        looking = false
      }
    },
    changed(signal) {
      if (signal.aborted) return Promise.resolve()
      if (settled) return whole.then(() => undefined)
      return new Promise((resolve) => {
        const wake = (): void => {
          waiting.delete(wake)
          signal.removeEventListener('abort', wake)
          resolve()
        }
        waiting.add(wake)
        signal.addEventListener('abort', wake)
      })
    },
    end() {
      mayGrow = false
      poke()
    },
    close() {
      closing.abort(failed('cancelled', `The output file "${output}" is not followed any more.`))
      poke()
    },
  }
}

function pick({ bytes, newlines, endsLine }: ReturnType<typeof countLines>) {
  return { bytes, newlines, endsLine }
}
