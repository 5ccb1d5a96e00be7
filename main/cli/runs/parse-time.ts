import { WrongUsage } from '../wrong-usage.ts'

/**
 * Reads `18:30`, which is today or, when that is over, tomorrow; or a date with a time, by the local clock.
 * @returns milliseconds since 1970.
 * @throws WrongUsage
 */
export function parseTime(word: string, now: Date): number {
  const [, hour, minute] = /^(\d{1,2}):(\d{2})$/.exec(word) ?? []
  if (hour !== undefined && minute !== undefined && Number(hour) < 24 && Number(minute) < 60) {
    const next = new Date(now)
    next.setHours(Number(hour), Number(minute), 0, 0)
    if (next <= now) next.setDate(next.getDate() + 1)
    return next.getTime()
  }
  const at = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(word) ? Date.parse(word) : NaN
  if (Number.isNaN(at))
    throw new WrongUsage(`"${word}" is no time. Give one such as 18:30 or 2026-12-31T18:30`)
  return at
}
