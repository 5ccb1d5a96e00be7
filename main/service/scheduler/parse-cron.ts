import { failed } from '#kit/request-failed.ts'

/** The minutes at which a line of crontab(5) fires. */
export interface Cron {
  readonly minutes: ReadonlySet<number>
  readonly hours: ReadonlySet<number>
  readonly days: ReadonlySet<number>
  readonly months: ReadonlySet<number>
  /** 0 is Sunday. */
  readonly weekdays: ReadonlySet<number>
  /** When both days are restricted, either is enough; crontab(5) wants it so. */
  readonly eitherDay: boolean
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const SHORTHANDS: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
}

/** Reads the five fields of crontab(5), or a shorthand such as `@daily`. @throws RequestFailed `invalid-params` */
export function parseCron(text: string): Cron {
  const fields = (SHORTHANDS[text.trim()] ?? text).trim().toLowerCase().split(/\s+/)
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields
  if (fields.length !== 5) throw wrong(text, 'it has five fields: minute, hour, day, month, weekday')
  const weekdays = parseField(text, weekday, 0, 7, WEEKDAYS)
  return {
    minutes: parseField(text, minute, 0, 59),
    hours: parseField(text, hour, 0, 23),
    days: parseField(text, day, 1, 31),
    months: parseField(text, month, 1, 12, MONTHS),
    weekdays: new Set([...weekdays].map((number) => number % 7)),
    eitherDay: !day.startsWith('*') && !weekday.startsWith('*'),
  }
}

function parseField(
  text: string,
  field: string,
  least: number,
  most: number,
  names: readonly string[] = [],
): ReadonlySet<number> {
  const found = new Set<number>()
  for (const part of field.split(',')) {
    const [, range = '', step = '1'] = /^([^/]+)(?:\/(\d{1,2}))?$/.exec(part) ?? []
    const [from, to] = range === '*' ? [least, most] : ends(range, part.includes('/') ? most : undefined)
    if (!(from >= least && to <= most && from <= to && Number(step) >= 1))
      throw wrong(text, `"${part}" is not between ${least} and ${most}`)
    for (let number = from; number <= to; number += Number(step)) found.add(number)
  }
  return found

  function ends(range: string, openEnd: number | undefined): [number, number] {
    const [first = '', last] = range.split('-')
    const from = numberOf(first)
    return [from, last === undefined ? (openEnd ?? from) : numberOf(last)]
  }
  function numberOf(word: string): number {
    const named = names.indexOf(word)
    if (named >= 0) return named + least
    return /^\d{1,2}$/.test(word) ? Number(word) : NaN
  }
}

function wrong(text: string, why: string) {
  return failed(
    'invalid-params',
    `"${text}" is no line of a crontab: ${why}. Give one such as "30 3 * * mon".`,
  )
}
