import { setTimeout as delay } from 'node:timers/promises'
import type { OutputGap } from '#contract/output-gap.ts'
import type { Platform } from '../../platform/platform.ts'
import { isDiskFull } from '../../platform/system-code.ts'
import { STRETCH_BYTES, type LineCounts } from '../line-counts.ts'
import { forgetReserve, reserveGap, writeGap } from './gap-file.ts'
import { nextGap } from './next-gap.ts'

/** Between two cuts: each starts a process, which costs the loop 3 ms. A flood is over its limit for so long. */
const CUT_EVERY_MS = 200

/** From here on there is room on the disk for the record of a first cut; a smaller output is never cut. Bytes. */
const RESERVE_FROM_BYTES = 1024 ** 2

/** How a log is kept to its limit. */
export interface LogLimit {
  /** What of it is kept, in bytes, as it is at this moment. */
  bytes(): number
  readonly freeRange: Platform['freeRange']
  readonly onTrouble: (message: string, cause?: unknown) => void
}

export interface LimitOutputOptions extends LogLimit {
  /** Absolute paths of the output and of the record of what of it is not kept. */
  readonly output: string
  readonly gapFile: string
  readonly counts: LineCounts
  readonly gap: OutputGap | undefined
  /** Told before the bytes are gone. */
  readonly onGap: (gap: OutputGap | undefined) => void
}

/** Keeps one growing output to its limit by giving up its middle. The command that writes it notices nothing. */
export interface OutputLimit {
  /** The limit cannot be kept: the file system gives no part of a file back. */
  readonly impossible: boolean
  /** Looks whether there is too much, and begins to give some of it up. */
  look(): void
  /** Resolves when nothing is being given up any more. */
  settle(): Promise<void>
}

/** Begins to keep an output to its limit. */
export function limitOutput(options: LimitOutputOptions): OutputLimit {
  const { output, gapFile, counts, bytes, freeRange, onGap, onTrouble } = options
  let { gap } = options
  let impossible = false
  let cutting: Promise<void> | undefined
  let hasReserve = false
  let reserving = Promise.resolve()

  function reserve(): void {
    hasReserve = true
    reserving = reserveGap(gapFile).catch((error: unknown) => {
      // Tried again at the next look; a record that is needed before then may still find room.
      hasReserve = false
      if (!isDiskFull(error)) onTrouble(`No room was kept for what a cut of "${output}" must note.`, error)
    })
  }

  async function cut(next: { readonly from: number; readonly to: number }): Promise<void> {
    const before = gap
    const newlines =
      counts.newlinesBefore(next.to / STRETCH_BYTES) - counts.newlinesBefore(next.from / STRETCH_BYTES)
    const wanted: OutputGap = { ...next, newlines }
    // Known before it is so: whoever reads zeros there can tell that they are none of the command's.
    onGap(wanted)
    await reserving
    try {
      await writeGap(gapFile, wanted)
    } catch (error) {
      onGap(before)
      throw error
    }
    const first = before?.to ?? next.from
    if (await freeRange(output, first, next.to - first)) {
      gap = wanted
      // The last record may have taken the room that was kept for it, and now there is some.
      reserve()
      return
    }
    impossible = true
    onGap(before)
    await writeGap(gapFile, before)
  }

  function look(): void {
    if (impossible) return
    if (!hasReserve && counts.bytes >= RESERVE_FROM_BYTES) reserve()
    if (cutting) return
    const next = nextGap(counts.bytes, gap, bytes())
    if (!next) return
    cutting = cut(next)
      .catch((error: unknown) => {
        // There may be room again by the next look.
        if (isDiskFull(error)) return
        impossible = true
        onTrouble(`The log "${output}" could not be kept to its limit.`, error)
      })
      .then(() => delay(CUT_EVERY_MS, undefined, { ref: false }))
      .finally(() => (cutting = undefined))
  }

  return {
    get impossible() {
      return impossible
    },
    look,
    async settle() {
      await cutting
      look()
      await cutting
      await reserving
      if (hasReserve) await forgetReserve(gapFile)
    },
  }
}
