import { failed } from '#kit/request-failed.ts'
import { WEEKDAYS, type Cron } from './parse-cron.ts'

const MINUTE_MS = 60_000
const DAY_MINUTES = 1_440
/** Two 29ths of February are at most eight years apart. */
const HORIZON_MS = 9 * 366 * DAY_MINUTES * MINUTE_MS
/** Clocks are set by at most this where summer time begins or ends, in minutes. */
const LARGEST_SHIFT = 120
/** Every zone is off from every other by a multiple of this, in minutes. */
const ZONE_STEP = 15
/** No month is shorter than this many days. */
const SHORTEST_MONTH = 28

interface Local {
  readonly month: number
  readonly day: number
  readonly weekday: number
  readonly hour: number
  readonly minute: number
}

/** Tells what the clocks of a time zone show. @throws RequestFailed `invalid-params` when there is no such zone. */
export function clockOf(zone: string): (at: number) => Local {
  const format = formatFor(zone)
  return (at) => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]))
    const number = (name: string): number => Number(parts[name])
    return {
      month: number('month'),
      day: number('day'),
      weekday: WEEKDAYS.indexOf((parts['weekday'] ?? '').toLowerCase()),
      hour: number('hour'),
      minute: number('minute'),
    }
  }
}

function formatFor(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      month: 'numeric',
      day: 'numeric',
      weekday: 'short',
      hour: 'numeric',
      minute: 'numeric',
    })
  } catch {
    throw failed('invalid-params', `There is no time zone "${timeZone}". Give one such as Europe/Berlin.`)
  }
}

/**
 * The first minute after a moment at which a line of crontab(5) fires by the clocks of a zone. A minute that clocks skip
 * does not come; one that they show twice comes once.
 * @returns milliseconds since 1970; undefined for a day that there never is, such as 31 April.
 */
export function nextOccasion(cron: Cron, zone: string, after: number): number | undefined {
  const clock = clockOf(zone)
  const before = clock(after)
  let at = (Math.floor(after / MINUTE_MS) + 1) * MINUTE_MS
  const horizon = after + HORIZON_MS
  while (at <= horizon) {
    const local = clock(at)
    const skipped = minutesToSkip(cron, local)
    if (skipped > 0) {
      at += skipped * MINUTE_MS
      continue
    }
    const isShownAgain = at - after < 2 * LARGEST_SHIFT * MINUTE_MS && isSameMinute(local, before)
    if (!isShownAgain) return at
    at += MINUTE_MS
  }
  return undefined
}

/** How many minutes may be passed over without missing an occasion; 0 on one. */
function minutesToSkip(cron: Cron, local: Local): number {
  const { month, day, hour, minute } = local
  const left = DAY_MINUTES - hour * 60 - minute
  const isOtherMonth = !cron.months.has(month)
  if (isOtherMonth && day < SHORTEST_MONTH - 1) return (SHORTEST_MONTH - 1 - day) * DAY_MINUTES
  if (isOtherMonth || !fitsDay(cron, local))
    return left > 2 * LARGEST_SHIFT ? left - LARGEST_SHIFT : ZONE_STEP - (minute % ZONE_STEP)
  if (!cron.hours.has(hour)) return ZONE_STEP - (minute % ZONE_STEP)
  return cron.minutes.has(minute) ? 0 : 1
}

function fitsDay({ days, weekdays, eitherDay }: Cron, { day, weekday }: Local): boolean {
  return eitherDay ? days.has(day) || weekdays.has(weekday) : days.has(day) && weekdays.has(weekday)
}

function isSameMinute(one: Local, other: Local): boolean {
  return one.day === other.day && one.hour === other.hour && one.minute === other.minute
}
