import type { Dependency, DependencyOn, WaitingTerms } from '#contract/terms.ts'
import { parseDuration } from '../parse-duration.ts'
import { WrongUsage } from '../wrong-usage.ts'
import { parseIds } from './parse-ids.ts'
import { parseInteger } from './parse-number.ts'
import { parseTime } from './parse-time.ts'

/** The options that say for what a run waits. */
export const waitingOptions = {
  pool: { type: 'string' },
  priority: { type: 'string' },
  after: { type: 'string', multiple: true },
  'after-failure': { type: 'string', multiple: true },
  'after-end': { type: 'string', multiple: true },
  lock: { type: 'string', multiple: true },
  'start-within': { type: 'string' },
  at: { type: 'string' },
  delay: { type: 'string' },
  notify: { type: 'string' },
  hold: { type: 'boolean' },
} as const

/** What `parseWords` makes of options. */
export type OptionValues<
  Options extends Readonly<Record<string, { readonly type: 'string' | 'boolean'; readonly multiple?: true }>>,
> = {
  readonly [K in keyof Options]?:
    | (Options[K] extends { multiple: true }
        ? string[]
        : Options[K]['type'] extends 'boolean'
          ? boolean
          : string)
    | undefined
}

export const waitingHelp = `  --pool <name>              the pool; "default" unless it is given
  --priority <n>             the higher starts first; 0 unless it is given
  --after <ids>              start when these runs are done; not at all when one of them fails
  --after-failure <ids>      start when they have failed
  --after-end <ids>          start when they have ended in any way
  --lock <name>              never overlap with a run that names the same lock; may be repeated
  --start-within <duration>  how long it may wait for its start
  --at <time>                start then: 18:30, or 2026-12-31T18:30
  --delay <duration>         start after so long
  --notify <when>            "always" or "never" tell its end; as in the settings unless it is given
  --hold                     wait until "offloop resume"`

/** Reads the options above. @throws WrongUsage */
export function parseWaiting(values: OptionValues<typeof waitingOptions>): WaitingTerms {
  const after = [
    ...dependencies(values.after, 'success'),
    ...dependencies(values['after-failure'], 'failure'),
    ...dependencies(values['after-end'], 'end'),
  ]
  const { lock = [] } = values
  return {
    pool: values.pool,
    priority: optional(values.priority, parseInteger),
    after: after.length > 0 ? after : undefined,
    locks: lock.length > 0 ? lock : undefined,
    waitLimitMs: optional(values['start-within'], parseDuration),
    startAt: optional(values.at, (word) => parseTime(word, new Date())),
    delayMs: optional(values.delay, parseDuration),
    notify: optional(values.notify, parseNotify),
    held: values.hold === true ? true : undefined,
  }
}

/** Reads an option that was given. */
export function optional<T>(word: string | undefined, parse: (word: string) => T): T | undefined {
  return word === undefined ? undefined : parse(word)
}

function parseNotify(word: string): WaitingTerms['notify'] {
  if (word === 'always' || word === 'never') return word
  throw new WrongUsage(`--notify takes "always" or "never", not "${word}"`)
}

function dependencies(words: readonly string[] | undefined, on: DependencyOn): Dependency[] {
  return (words ?? []).flatMap((word) => parseIds([word]).map((run) => ({ run, on })))
}
