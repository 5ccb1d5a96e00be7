import type { ServerNotice } from '#contract/run.ts'

/** More notices of one statement are counted and not kept: a loop may raise millions. */
const MAX_NOTICES = 100
/** More characters of one notice are not read by anybody, and travel with each progress. */
const MAX_NOTICE_LENGTH = 2_000

/** What a server says during a statement: the first hundred notices, and how many came after them. */
export interface KeptNotices {
  add(notice: ServerNotice): void
  list(): ServerNotice[]
  /** Those that nobody has taken yet. */
  take(): ServerNotice[]
  /** Those that nobody has taken yet, and how many were not kept; nothing is added after that. */
  takeRest(): ServerNotice[]
}

export function keepNotices(): KeptNotices {
  const kept: ServerNotice[] = []
  let dropped = 0
  let taken = 0
  function take(): ServerNotice[] {
    const fresh = kept.slice(taken)
    taken = kept.length
    return fresh
  }
  const andDropped = (notices: readonly ServerNotice[]): ServerNotice[] =>
    dropped === 0
      ? [...notices]
      : [...notices, { severity: 'INFO', message: `${dropped} more notices came after these.` }]
  return {
    add({ severity, message }) {
      if (kept.length < MAX_NOTICES) kept.push({ severity, message: message.slice(0, MAX_NOTICE_LENGTH) })
      else dropped += 1
    },
    list: () => andDropped(kept),
    take,
    takeRest: () => andDropped(take()),
  }
}
