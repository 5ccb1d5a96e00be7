import type { ToldProgress } from '#contract/run.ts'
import { sightProgress } from './sight-progress.ts'

/** A drop by more begins anew: parallel work writes its numbers a little out of order. */
const NEW_PHASE_DROP = 0.05
/** No estimate is made from less: milliseconds, and a share of the whole. */
const LEAST_MS = 1_000
const LEAST_GROWTH = 0.002

interface Mark {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly fraction: number
}

/** What is known of how far a command is. */
export interface KnownProgress {
  /** What of it is told; undefined when its output says nothing. */
  readonly told?: ToldProgress
  readonly key?: string
  /** It has told a terminal how far it is; what else it writes is then no progress. */
  readonly tellsTerminal?: boolean
  /** Three moments of this phase: its first, the one from which its pace is measured, and the next such one. */
  readonly marks?: readonly [first: Mark, from: Mark, next: Mark]
}

/** `ESC ] 9 ; 4 ; state ; percent`, ended by BEL or ST, as ConEmu has introduced it and systemd, cargo and others write it. */
const TERMINAL_PROGRESS = /\u001b\]9;4;([0-4])(?:;(\d{0,3}))?(?:\u0007|\u001b\\)/gu

/**
 * What is known of a command's progress after a look at the end of its output.
 * @param text the end of the output; it may overlap with what was looked at before.
 * @param at milliseconds since 1970.
 */
export function nextProgress(known: KnownProgress, text: string, at: number): KnownProgress {
  const sequence = [...text.matchAll(TERMINAL_PROGRESS)].at(-1)
  if (sequence) return afterSequence(known, sequence[1] ?? '', sequence[2] ?? '', at)
  if (known.tellsTerminal) return known
  const sighting = sightProgress(text, known.key)
  if (sighting) return { ...moved(known, sighting.fraction, at, sighting.counted), key: sighting.key }
  // Whoever was through and writes something else does something else now.
  return known.told?.fraction === 1 ? {} : known
}

function afterSequence(known: KnownProgress, state: string, percent: string, at: number): KnownProgress {
  switch (state) {
    case '0':
      return { tellsTerminal: true }
    case '3':
      return { tellsTerminal: true, told: { fraction: null, endsAt: null } }
    default: {
      // An error or a pause may come without a number, and then leaves the last one.
      const fraction = percent === '' ? known.told?.fraction : Math.min(1, Number(percent) / 100)
      return fraction === undefined || fraction === null
        ? { ...known, tellsTerminal: true }
        : { ...moved(known, fraction, at), tellsTerminal: true }
    }
  }
}

function moved(
  known: KnownProgress,
  fraction: number,
  at: number,
  counted?: { readonly done: number; readonly total: number },
): KnownProgress {
  const before = known.told?.fraction ?? undefined
  const here: Mark = { at, fraction }
  const dropped = before !== undefined && fraction < before - NEW_PHASE_DROP
  const marks = dropped || !known.marks ? ([here, here, here] as const) : advanced(known.marks, here)
  if (fraction === before && known.told && !dropped) return { ...known, marks }
  const endsAt = estimatedEnd(marks[1], here)
  return { ...known, marks, told: { fraction, ...(counted && { counted: { ...counted } }), endsAt } }
}

/** The pace is that of the last half to three quarters of the phase: even enough, and it follows a change. */
function advanced([first, from, next]: NonNullable<KnownProgress['marks']>, here: Mark) {
  return here.at - first.at >= 2 * (next.at - first.at)
    ? ([first, next, here] as const)
    : ([first, from, next] as const)
}

function estimatedEnd(from: Mark, here: Mark): number | null {
  const elapsed = here.at - from.at
  const growth = here.fraction - from.fraction
  if (elapsed < LEAST_MS || growth < LEAST_GROWTH) return null
  return Math.round(here.at + (elapsed * (1 - here.fraction)) / growth)
}
