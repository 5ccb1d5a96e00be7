import type { Notice } from '#contract/processes.ts'

/** The most notices kept for windows that open later; older ones are of no use to anybody. */
const KEPT_NOTICES = 20

/** Quiet lines about what happened to Offloop itself. */
export interface Notices {
  readonly recent: readonly Notice[]
  /** Adds a line; `about` names a database's file or stays empty. */
  add(kind: Notice['kind'], about?: string): void
}

/** Starts an empty list of notices. */
export function makeNotices(): Notices {
  let recent: readonly Notice[] = []
  let nextId = 1
  return {
    get recent() {
      return recent
    },
    add(kind, about = '') {
      recent = [...recent, { id: nextId++, at: Date.now(), kind, about }].slice(-KEPT_NOTICES)
    },
  }
}
