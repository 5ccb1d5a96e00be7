import { MAX_BACKOFF, MIN_LOG_BYTES, type AskedTerms } from '#contract/terms.ts'
import { parseDuration } from '../parse-duration.ts'
import { WrongUsage } from '../wrong-usage.ts'
import { parseCount, parseInteger } from './parse-number.ts'
import { optional, parseWaiting, waitingHelp, waitingOptions, type OptionValues } from './parse-waiting.ts'

/** Of a retry, unless it is given. */
const RETRY_DELAY_MS = 1_000
/** No pause between two attempts grows beyond this. */
const MAX_RETRY_DELAY_MS = 3_600_000
/** A tenth of each pause is left to chance. */
const JITTER = 0.1

/** The options that say on which terms a run starts. */
export const termOptions = {
  ...waitingOptions,
  timeout: { type: 'string' },
  retries: { type: 'string' },
  'retry-delay': { type: 'string' },
  'retry-backoff': { type: 'string' },
  'retry-on': { type: 'string' },
  'log-limit': { type: 'string' },
  'quiet-after': { type: 'string' },
} as const

/** What `parseWords` makes of them. */
export type TermValues = OptionValues<typeof termOptions>

export const termsHelp = `${waitingHelp}
  --timeout <duration>       what each attempt is given, such as 10m
  --retries <n>              try so often again when it fails
  --retry-delay <duration>   the first pause, 1s unless it is given
  --retry-backoff <factor>   by which each further pause grows, 2 unless it is given
  --retry-on <codes>         only after these exit codes
  --log-limit <size>         how much of its output is kept, such as 100MB; of more the middle is given up
  --quiet-after <duration>   tell when it has written nothing for so long, such as 5m`

/** Reads the options above. @throws WrongUsage */
export function parseTerms(values: TermValues): AskedTerms {
  const retries = optional(values.retries, parseCount)
  const delayMs = optional(values['retry-delay'], parseDuration)
  const backoff = optional(values['retry-backoff'], parseBackoff)
  const exitCodes = optional(values['retry-on'], (word) => word.split(',').map(parseInteger))
  if (retries === undefined && (delayMs ?? backoff ?? exitCodes) !== undefined)
    throw new WrongUsage('Nothing is retried unless --retries says how often, such as --retries 3')
  return {
    ...parseWaiting(values),
    runLimitMs: optional(values.timeout, parseDuration),
    logLimitBytes: optional(values['log-limit'], parseSize),
    quietAfterMs: optional(values['quiet-after'], parseDuration),
    retries:
      retries === undefined || retries === 0
        ? undefined
        : {
            count: retries,
            delayMs: delayMs ?? RETRY_DELAY_MS,
            backoff: backoff ?? 2,
            maxDelayMs: MAX_RETRY_DELAY_MS,
            jitter: JITTER,
            on: ['failed', 'killed', 'timed-out'],
            exitCodes,
          },
  }
}

/** Reads the factor by which pauses grow. @throws WrongUsage */
function parseBackoff(word: string): number {
  const factor = /^\d{1,2}(\.\d{1,3})?$/.test(word) ? Number(word) : NaN
  if (factor >= 1 && factor <= MAX_BACKOFF) return factor
  throw new WrongUsage(
    `"${word}" is no factor. --retry-backoff takes one from 1 to ${MAX_BACKOFF}, such as 1.5`,
  )
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
