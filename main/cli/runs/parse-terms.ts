import { MIN_LOG_BYTES, type AskedTerms, type Dependency, type DependencyOn } from '#contract/terms.ts'
import { parseDuration } from '../parse-duration.ts'
import { WrongUsage } from '../wrong-usage.ts'
import { parseIds } from './parse-ids.ts'

/** Of a retry, unless it is given. */
const RETRY_DELAY_MS = 1_000
/** No pause between two attempts grows beyond this. */
const MAX_RETRY_DELAY_MS = 3_600_000
/** A tenth of each pause is left to chance. */
const JITTER = 0.1

/** The options that say on which terms a run starts. */
export const termOptions = {
  pool: { type: 'string' },
  priority: { type: 'string' },
  after: { type: 'string', multiple: true },
  'after-failure': { type: 'string', multiple: true },
  'after-end': { type: 'string', multiple: true },
  lock: { type: 'string', multiple: true },
  timeout: { type: 'string' },
  'start-within': { type: 'string' },
  at: { type: 'string' },
  delay: { type: 'string' },
  retries: { type: 'string' },
  'retry-delay': { type: 'string' },
  'retry-backoff': { type: 'string' },
  'retry-on': { type: 'string' },
  'log-limit': { type: 'string' },
  'quiet-after': { type: 'string' },
  notify: { type: 'string' },
  hold: { type: 'boolean' },
} as const

/** What `parseWords` makes of them. */
export type TermValues = {
  readonly [K in keyof typeof termOptions]?:
    | ((typeof termOptions)[K]['type'] extends 'boolean' ? boolean : string)
    | (string[] & ((typeof termOptions)[K] extends { multiple: true } ? unknown : never))
    | undefined
}

export const termsHelp = `  --pool <name>              the pool; "default" unless it is given
  --priority <n>             the higher starts first; 0 unless it is given
  --after <ids>              start when these runs are done; not at all when one of them fails
  --after-failure <ids>      start when they have failed
  --after-end <ids>          start when they have ended in any way
  --lock <name>              never overlap with a run that names the same lock; may be repeated
  --timeout <duration>       what each attempt is given, such as 10m
  --start-within <duration>  how long it may wait for its start
  --at <time>                start then: 18:30, or 2026-12-31T18:30
  --delay <duration>         start after so long
  --retries <n>              try so often again when it fails
  --retry-delay <duration>   the first pause, 1s unless it is given
  --retry-backoff <factor>   by which each further pause grows, 2 unless it is given
  --retry-on <codes>         only after these exit codes
  --log-limit <size>         how much of its output is kept, such as 100MB; of more the middle is given up
  --quiet-after <duration>   tell when it has written nothing for so long, such as 5m
  --notify <when>            "always" or "never" tell its end; as in the settings unless it is given
  --hold                     wait until "offloop resume"`

/** Reads the options above. @throws WrongUsage */
export function parseTerms(values: TermValues): AskedTerms {
  const after = [
    ...dependencies(values.after, 'success'),
    ...dependencies(values['after-failure'], 'failure'),
    ...dependencies(values['after-end'], 'end'),
  ]
  const retries = values.retries === undefined ? undefined : parseCount(text(values.retries))
  return {
    pool: optional(values.pool, (word) => word),
    priority: optional(values.priority, parseInteger),
    after: after.length > 0 ? after : undefined,
    locks: list(values.lock).length > 0 ? list(values.lock) : undefined,
    runLimitMs: optional(values.timeout, parseDuration),
    waitLimitMs: optional(values['start-within'], parseDuration),
    startAt: optional(values.at, (word) => parseTime(word, new Date())),
    delayMs: optional(values.delay, parseDuration),
    logLimitBytes: optional(values['log-limit'], parseSize),
    quietAfterMs: optional(values['quiet-after'], parseDuration),
    notify: optional(values.notify, parseNotify),
    held: values.hold === true ? true : undefined,
    retries:
      retries === undefined || retries === 0
        ? undefined
        : {
            count: retries,
            delayMs: optional(values['retry-delay'], parseDuration) ?? RETRY_DELAY_MS,
            backoff: optional(values['retry-backoff'], Number) ?? 2,
            maxDelayMs: MAX_RETRY_DELAY_MS,
            jitter: JITTER,
            on: ['failed', 'killed', 'timed-out'],
            exitCodes: optional(values['retry-on'], (word) => word.split(',').map(parseInteger)),
          },
  }
}

function parseNotify(word: string): AskedTerms['notify'] {
  if (word === 'always' || word === 'never') return word
  throw new WrongUsage(`--notify takes "always" or "never", not "${word}"`)
}

function text(value: TermValues[keyof TermValues]): string {
  return typeof value === 'string' ? value : ''
}

function list(value: TermValues[keyof TermValues]): string[] {
  return Array.isArray(value) ? value : []
}

function optional<T>(value: TermValues[keyof TermValues], parse: (word: string) => T): T | undefined {
  return typeof value === 'string' ? parse(value) : undefined
}

function dependencies(words: TermValues[keyof TermValues], on: DependencyOn): Dependency[] {
  return list(words).flatMap((word) => parseIds([word]).map((run) => ({ run, on })))
}

/** Powers of 1,000, as disks are sold. */
const SIZES: Readonly<Record<string, number>> = { '': 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12 }

/** Reads a size such as `500MB` or `2G`, in bytes. @throws WrongUsage */
function parseSize(word: string): number {
  const [, number, unit] = /^(\d{1,12}(?:\.\d{1,3})?)\s?([KMGT]?)B?$/i.exec(word) ?? []
  const bytes = Math.round(Number(number) * (SIZES[(unit ?? '').toUpperCase()] ?? NaN))
  if (bytes >= MIN_LOG_BYTES) return bytes
  throw new WrongUsage(`"${word}" is no size of a log. Give one such as 100MB; the least is 1.1MB`)
}

/** Reads a whole number. @throws WrongUsage */
export function parseInteger(word: string): number {
  if (!/^-?\d{1,9}$/.test(word)) throw new WrongUsage(`"${word}" is no whole number`)
  return Number(word)
}

/** Reads a whole number that is not negative. @throws WrongUsage */
export function parseCount(word: string): number {
  const count = parseInteger(word)
  if (count < 0) throw new WrongUsage(`"${word}" is negative`)
  return count
}

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
