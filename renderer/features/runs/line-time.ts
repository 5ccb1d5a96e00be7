import type { LogLine } from '../../ui/log/log-source.ts'

/** What is shown before each line of when it arrived. */
export const LINE_TIMES = ['none', 'clock', 'start', 'previous'] as const
export type LineTimes = (typeof LINE_TIMES)[number]

const SECOND_MS = 1_000
const MINUTE_S = 60
const HOUR_S = 3_600
/** A line is seen within a quarter of a second. Of one that may have come much earlier, both ends are said. */
const UNSURE_MS = 1_000

/** `12:03:09.4`, by the clock here. */
function clockTime(at: number): string {
  const date = new Date(at)
  const seconds = (date.getHours() * MINUTE_S + date.getMinutes()) * MINUTE_S + date.getSeconds()
  return inHours(seconds + date.getMilliseconds() / SECOND_MS)
}

function inHours(seconds: number): string {
  const tenths = Math.floor(seconds * 10)
  const whole = Math.floor(tenths / 10)
  const parts = [Math.floor(whole / HOUR_S), Math.floor(whole / MINUTE_S) % MINUTE_S, whole % MINUTE_S]
  return `${parts.map((part) => String(part).padStart(2, '0')).join(':')}.${tenths % 10}`
}

const mark = (isUnsure: boolean, text: string): string => (isUnsure ? `≤ ${text}` : text)

/**
 * When a line arrived, in so few characters that they stand in a column, `≤` before it where it may have been much earlier;
 * nothing where it is not known.
 * @param startedAt of the run, ms since 1970.
 */
export function lineTime(
  times: LineTimes,
  line: LogLine,
  before: LogLine | undefined,
  startedAt: number,
): string {
  if (!line.arrived) return ''
  const [from, to] = line.arrived
  const isUnsure = to - from > UNSURE_MS
  switch (times) {
    case 'none':
      return ''
    case 'clock':
      return mark(isUnsure, clockTime(to))
    case 'start':
      return mark(isUnsure, inHours(Math.max(0, to - startedAt) / SECOND_MS))
    case 'previous': {
      if (!before?.arrived) return ''
      const since = Math.max(0, to - before.arrived[1]) / SECOND_MS
      return mark(isUnsure && since > 0, since < HOUR_S ? `+${since.toFixed(1)}` : `+${inHours(since)}`)
    }
    default:
      return times satisfies never
  }
}
