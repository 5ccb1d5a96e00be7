import { stat } from 'node:fs/promises'
import { constants } from 'node:os'
import { getSystemErrorName } from 'node:util'
import { z } from 'zod'
import type { CancelHow } from '#contract/run.ts'
import { readIfThere } from './attempt.ts'

/** What was refused: opening its terminal or its input, entering its folder, or executing its program. */
const refusedStep = z.enum(['terminal', 'input', 'chdir', 'exec'])
type RefusedStep = z.infer<typeof refusedStep>

/** Why a command could not begin: the step that failed, and the system's code such as `ENOENT`. */
export interface Refusal {
  readonly kind: 'refused'
  readonly step: RefusedStep
  readonly code: string
}

/** How a command ended, as its wrapper has written it down. */
export type Outcome =
  | Refusal
  | { readonly kind: 'exit'; readonly exitCode: number; readonly durationMs: number }
  | { readonly kind: 'signal'; readonly signal: number; readonly durationMs: number }

/** The wrapper counts hundredths of a second. */
const MS_PER_TICK = 10

/** Reads the step and the number behind "refused"; undefined for anything else. */
export function parseRefusal(step: string, code: string): Refusal | undefined {
  const read = refusedStep.safeParse(step)
  return read.success && /^\d+$/.test(code)
    ? { kind: 'refused', step: read.data, code: getSystemErrorName(-Number(code)) }
    : undefined
}

/** Reads the wrapper's words; undefined for anything else. */
export function parseOutcome(text: string): Outcome | undefined {
  const [kind = '', first = '', second = ''] = text.trim().split(' ')
  if (!/^\d+$/.test(second)) return undefined
  switch (kind) {
    case 'exit':
      return { kind, exitCode: Number(first), durationMs: Number(second) * MS_PER_TICK }
    case 'signal':
      return { kind, signal: Number(first), durationMs: Number(second) * MS_PER_TICK }
    case 'refused':
      return parseRefusal(first, second)
    default:
      return undefined
  }
}

/** Reads the record of the end, with the time it was written; undefined while there is none. */
export async function readOutcome(path: string): Promise<{ outcome: Outcome; endedAt: number } | undefined> {
  const text = await readIfThere(path)
  const outcome = text === undefined ? undefined : parseOutcome(text)
  return outcome && { outcome, endedAt: Math.round((await stat(path)).mtimeMs) }
}

/** How a stop went that was asked for by a service which did not live to see it. */
export function howStopped(outcome: Outcome): CancelHow {
  return outcome.kind === 'signal' && outcome.signal === constants.signals.SIGKILL ? 'killed' : 'terminated'
}
