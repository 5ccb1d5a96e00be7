import type { QueryProgress } from '#contract/run.ts'
import type { ServerNotice } from './connect.ts'

/** More notices of one statement are counted and not kept: a loop may raise millions. */
const MAX_NOTICES = 100
/** More characters of one notice are not read by anybody, and travel with each progress. */
const MAX_NOTICE_LENGTH = 2_000

type Notices = NonNullable<QueryProgress['notices']>

/** Collects what a server says during a statement: the first hundred, and how many came after them. */
export function keepNotices(): { add(notice: ServerNotice): void; list(): Notices } {
  const kept: Notices = []
  let dropped = 0
  return {
    add({ severity, message }) {
      if (kept.length < MAX_NOTICES) kept.push({ severity, message: message.slice(0, MAX_NOTICE_LENGTH) })
      else dropped += 1
    },
    list: () =>
      dropped === 0
        ? [...kept]
        : [...kept, { severity: 'INFO', message: `${dropped} more notices came after these.` }],
  }
}
