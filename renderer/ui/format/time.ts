import { language } from '../../messages/i18n.ts'
import { formatter } from './number.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

interface DurationPart {
  readonly value: number
  readonly unit: 'millisecond' | 'second' | 'minute' | 'hour' | 'day'
  readonly digits: number
}

/** The one or two units in which a duration is said: milliseconds below a second, tenths below a minute. */
export function durationParts(ms: number): readonly DurationPart[] {
  const whole = (value: number, unit: DurationPart['unit']): DurationPart => ({
    value: Math.floor(value),
    unit,
    digits: 0,
  })
  if (ms < SECOND_MS) return [{ value: Math.round(ms), unit: 'millisecond', digits: 0 }]
  // Tenths are cut, not rounded, so that 59.99 s is not shown as 60.0.
  if (ms < MINUTE_MS) return [{ value: Math.floor(ms / 100) / 10, unit: 'second', digits: 1 }]
  if (ms < HOUR_MS) return [whole(ms / MINUTE_MS, 'minute'), whole((ms % MINUTE_MS) / SECOND_MS, 'second')]
  if (ms < DAY_MS) return [whole(ms / HOUR_MS, 'hour'), whole((ms % HOUR_MS) / MINUTE_MS, 'minute')]
  return [whole(ms / DAY_MS, 'day'), whole((ms % DAY_MS) / HOUR_MS, 'hour')]
}

/** A duration (milliseconds) in the person's language: `240 ms`, `3.2 s`, `4 m 10 s`. */
export function formatDuration(ms: number): string {
  return durationParts(Math.max(0, ms))
    .map(({ value, unit, digits }) =>
      formatter({
        style: 'unit',
        unit,
        unitDisplay: 'short',
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      }).format(value),
    )
    .join(' ')
}

/** A duration (milliseconds) that is only roughly known, without parts of a second: `12 s`, `4 m 10 s`, `5 m`. */
export function formatRoughly(ms: number): string {
  const rounded = Math.max(SECOND_MS, Math.round(ms / SECOND_MS) * SECOND_MS)
  return durationParts(rounded)
    .filter(({ value }) => value > 0)
    .map(({ value, unit }) => formatter({ style: 'unit', unit, unitDisplay: 'short' }).format(value))
    .join(' ')
}

const TIME: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' }
const DAY_AND_TIME: Intl.DateTimeFormatOptions = { ...TIME, month: 'short', day: 'numeric' }
const YEAR_AND_TIME: Intl.DateTimeFormatOptions = { ...DAY_AND_TIME, year: 'numeric' }
const FULL: Intl.DateTimeFormatOptions = { dateStyle: 'full', timeStyle: 'medium' }
/** As costly to make as those of numbers. */
const dateFormatters = new Map<string, Intl.DateTimeFormat>()

function dateFormatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language.value} ${JSON.stringify(options)}`
  let made = dateFormatters.get(key)
  if (!made) dateFormatters.set(key, (made = new Intl.DateTimeFormat(language.value, options)))
  return made
}

/** A time as short as it can be understood: the hour today, else the date too. @param at ms since 1970. */
export function formatWhen(at: number, now: number = Date.now()): string {
  const date = new Date(at)
  const today = new Date(now)
  if (date.toDateString() === today.toDateString()) return dateFormatter(TIME).format(date)
  const isThisYear = date.getFullYear() === today.getFullYear()
  return dateFormatter(isThisYear ? DAY_AND_TIME : YEAR_AND_TIME).format(date)
}

/** A time in full. @param at ms since 1970. */
export function formatInstant(at: number): string {
  return dateFormatter(FULL).format(at)
}
