import { Cron } from 'croner'
import { failed } from '#kit/request-failed.ts'

/** Five fields, or a shorthand such as `@daily`: what crontab(5) knows. Seconds, years and dates are no part of it. */
const LINE = /^\s*(@[a-z]+|\S+(\s+\S+){4})\s*$/i

/**
 * The first minute after a moment at which a line of crontab(5) fires by the clocks of a zone. A minute that clocks skip
 * does not come; one that they show twice comes once.
 * @returns milliseconds since 1970; undefined for a day that there never is, such as 31 April.
 * @throws RequestFailed `invalid-params` for what is no such line, or no zone.
 */
export function nextOccasion(line: string, zone: string, after: number): number | undefined {
  checkZone(zone)
  const cron = parse(line, zone)
  // Croner puts off what falls into skipped minutes to the first minute after them, which the line does not name.
  let next = cron.nextRun(new Date(after))
  while (next && !cron.match(next)) next = cron.nextRun(next)
  return next?.getTime()
}

function parse(line: string, timezone: string): Cron {
  if (!LINE.test(line)) throw wrong(line, 'it has five fields: minute, hour, day, month, weekday')
  try {
    return new Cron(line, { timezone, paused: true, mode: '5-part', sloppyRanges: true })
  } catch (error) {
    throw wrong(line, (error instanceof Error ? error.message : String(error)).replace(/^\w+: /, ''))
  }
}

function checkZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone })
  } catch {
    throw failed('invalid-params', `There is no time zone "${timeZone}". Give one such as Europe/Berlin.`)
  }
}

function wrong(line: string, why: string) {
  return failed(
    'invalid-params',
    `"${line}" is no line of a crontab: ${why}. Give one such as "30 3 * * mon".`,
  )
}
