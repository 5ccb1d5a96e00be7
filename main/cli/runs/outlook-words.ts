import type { Outlook } from '#contract/outlook.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** How far a command is and what remains, in words; each guess is called an estimate. */
export function outlookWords(outlook: Outlook): string {
  switch (outlook.from) {
    case 'output': {
      const { fraction, counted, remainingMs } = outlook
      if (fraction === null) return 'at work'
      const count = counted ? ` (${counted.done} of ${counted.total})` : ''
      const left = remainingMs === null ? '' : `, about ${roughly(remainingMs)} left (estimate)`
      return `${Math.floor(fraction * 100)}%${count}${left}`
    }
    case 'earlier': {
      const { remainingMs, usualMs, basedOn } = outlook
      const runs = basedOn === 1 ? 'its last run' : `its last ${basedOn} runs`
      return remainingMs === null
        ? `longer than usual (${roughly(usualMs)})`
        : `about ${roughly(remainingMs)} left (estimate from ${runs})`
    }
    default:
      return outlook satisfies never
  }
}

/** A duration in the one or two units that matter. */
function roughly(ms: number): string {
  const whole = (unit: number): number => Math.floor(ms / unit)
  if (ms < MINUTE_MS) return `${Math.max(1, Math.round(ms / SECOND_MS))}s`
  if (ms < HOUR_MS) return `${whole(MINUTE_MS)}m ${Math.floor((ms % MINUTE_MS) / SECOND_MS)}s`
  if (ms < DAY_MS) return `${whole(HOUR_MS)}h ${Math.floor((ms % HOUR_MS) / MINUTE_MS)}m`
  return `${whole(DAY_MS)}d ${Math.floor((ms % DAY_MS) / HOUR_MS)}h`
}
