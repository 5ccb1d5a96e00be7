import type { Timing } from '#contract/schedule.ts'
import {
  DEFAULT_TERMS,
  DEFAULT_POOL,
  type AskedTerms,
  type Dependency,
  type DependencyOn,
  type RunTerms,
} from '#contract/terms.ts'
import type { MessageKey } from '../../../messages/words.ts'
import { durationText, readDuration } from './duration-text.ts'

/** When and where a command runs, as it stands in the fields of a form. */
export interface TermsDraft {
  readonly pool: string
  readonly priority: string
  /** Numbers of runs, with commas or spaces. */
  readonly after: string
  readonly afterOn: DependencyOn
  readonly locks: string
  readonly start: 'now' | 'at' | 'delay' | 'held' | 'every' | 'cron'
  /** As `datetime-local` writes it. */
  readonly at: string
  readonly delay: string
  readonly every: string
  readonly cron: string
  readonly missed: 'run-once' | 'skip'
  readonly runLimit: string
  readonly waitLimit: string
  readonly quietAfter: string
  readonly notify: 'as-set' | 'always' | 'never'
  readonly retries: string
  readonly retryDelay: string
  readonly backoff: string
}

export const FIRST_DRAFT: TermsDraft = {
  pool: DEFAULT_POOL,
  priority: '0',
  after: '',
  afterOn: 'success',
  locks: '',
  start: 'now',
  at: '',
  delay: '10m',
  every: '1h',
  cron: '0 3 * * *',
  missed: 'run-once',
  runLimit: '',
  waitLimit: '',
  quietAfter: '',
  notify: 'as-set',
  retries: '0',
  retryDelay: '1s',
  backoff: '2',
}

/** No pause between two attempts grows beyond an hour. */
const MAX_RETRY_DELAY_MS = 3_600_000
/** A tenth of each pause is left to chance. */
const JITTER = 0.1

/** The terms of a draft; or the message for the first field that cannot be read. */
export type ReadDraft =
  | { readonly ok: true; readonly terms: AskedTerms; readonly timing: Timing | undefined }
  | { readonly ok: false; readonly message: MessageKey; readonly field: keyof TermsDraft }

/** Reads the fields. @param zone in which a line of crontab(5) is meant */
export function readDraft(draft: TermsDraft, zone: string): ReadDraft {
  const wrong = (field: keyof TermsDraft, message: MessageKey): ReadDraft => ({ ok: false, field, message })
  const priority = wholeNumber(draft.priority)
  if (priority === undefined) return wrong('priority', 'terms.badNumber')
  const words = draft.after.split(/[\s,#]+/u).filter(Boolean)
  const after = words.map((word): Dependency => ({ run: Number(word), on: draft.afterOn }))
  if (!words.every((word) => /^[1-9]\d{0,14}$/u.test(word))) return wrong('after', 'terms.badRuns')
  const runLimitMs = duration(draft.runLimit)
  if (runLimitMs === null) return wrong('runLimit', 'terms.badDuration')
  const waitLimitMs = duration(draft.waitLimit)
  if (waitLimitMs === null) return wrong('waitLimit', 'terms.badDuration')
  const quietAfterMs = duration(draft.quietAfter)
  if (quietAfterMs === null) return wrong('quietAfter', 'terms.badDuration')
  const count = wholeNumber(draft.retries)
  if (count === undefined || count < 0) return wrong('retries', 'terms.badNumber')
  const retryDelay = readDuration(draft.retryDelay)
  const backoff = Number(draft.backoff.replace(',', '.'))
  if (count > 0 && retryDelay === undefined) return wrong('retryDelay', 'terms.badDuration')
  if (count > 0 && !(backoff >= 1 && backoff <= 10)) return wrong('backoff', 'terms.badBackoff')
  const startAt = draft.start === 'at' ? Date.parse(draft.at) : undefined
  if (startAt !== undefined && Number.isNaN(startAt)) return wrong('at', 'terms.badTime')
  const delayMs = draft.start === 'delay' ? readDuration(draft.delay) : undefined
  if (draft.start === 'delay' && delayMs === undefined) return wrong('delay', 'terms.badDuration')
  const everyMs = draft.start === 'every' ? readDuration(draft.every) : undefined
  if (draft.start === 'every' && (everyMs === undefined || everyMs < 1_000))
    return wrong('every', 'terms.badDuration')

  const terms: AskedTerms = {
    pool: draft.pool,
    priority,
    after,
    locks: draft.locks.split(/[\s,]+/u).filter(Boolean),
    held: draft.start === 'held',
    ...(startAt !== undefined && { startAt }),
    ...(delayMs !== undefined && { delayMs }),
    ...(runLimitMs !== undefined && { runLimitMs }),
    ...(waitLimitMs !== undefined && { waitLimitMs }),
    ...(quietAfterMs !== undefined && { quietAfterMs }),
    ...(draft.notify !== 'as-set' && { notify: draft.notify }),
    ...(count > 0 && {
      retries: {
        count,
        delayMs: retryDelay ?? 0,
        backoff,
        maxDelayMs: MAX_RETRY_DELAY_MS,
        jitter: JITTER,
        on: ['failed', 'killed', 'timed-out'],
      },
    }),
  }
  const timing: Timing | undefined =
    everyMs !== undefined
      ? { kind: 'every', everyMs }
      : draft.start === 'cron'
        ? { kind: 'cron', line: draft.cron, zone }
        : undefined
  return { ok: true, terms, timing }
}

/** The fields for terms that there are, in whatever zone the person's clock is. */
export function draftOf(terms: RunTerms): TermsDraft {
  const { startAt, delayMs, runLimitMs, waitLimitMs, quietAfterMs, notify, retries } = terms
  return {
    ...FIRST_DRAFT,
    pool: terms.pool,
    priority: String(terms.priority),
    after: terms.after.map(({ run }) => run).join(', '),
    afterOn: terms.after[0]?.on ?? 'success',
    locks: terms.locks.join(', '),
    start: terms.held ? 'held' : startAt !== undefined ? 'at' : delayMs !== undefined ? 'delay' : 'now',
    at: startAt === undefined ? '' : localText(new Date(startAt)),
    ...(delayMs !== undefined && { delay: durationText(delayMs) }),
    runLimit: runLimitMs === undefined ? '' : durationText(runLimitMs),
    waitLimit: waitLimitMs === undefined ? '' : durationText(waitLimitMs),
    quietAfter: quietAfterMs === undefined ? '' : durationText(quietAfterMs),
    notify: notify ?? 'as-set',
    ...(retries && {
      retries: String(retries.count),
      retryDelay: durationText(retries.delayMs),
      backoff: String(retries.backoff),
    }),
  }
}

/** The fields for what somebody has asked for; the rest is as usual. */
export function draftOfAsked(asked: AskedTerms | undefined): TermsDraft {
  const given = Object.entries(asked ?? {}).filter(([, value]) => value !== undefined)
  return draftOf({ ...DEFAULT_TERMS, ...Object.fromEntries(given) })
}

/** As a field for local time takes it: 2026-12-31T18:30. */
function localText(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`
}

function wholeNumber(text: string): number | undefined {
  return /^-?\d{1,6}$/u.test(text.trim()) ? Number(text) : undefined
}

/** Undefined for an empty field, null for one that cannot be read. */
function duration(text: string): number | undefined | null {
  return text.trim() === '' ? undefined : (readDuration(text) ?? null)
}
