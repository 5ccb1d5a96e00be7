import { shallowRef } from 'vue'
import type { Notice, ProcessInfo } from '#contract/processes.ts'
import { follow } from './follow.ts'
import { appSession } from './sessions.ts'

/** Notices that are kept for the process view; older ones are history nobody asks for. */
const KEPT_NOTICES = 50

/** Offloop's own processes, a second old at most. */
export const processes = shallowRef<readonly ProcessInfo[]>([])
/** What happened to them, newest first. */
export const notices = shallowRef<readonly Notice[]>([])

/** Starts keeping both up to date, for as long as the page lives. */
export function followProcesses(): void {
  follow(appSession, {
    open: (client, signal) => client.stream('processes.watch', {}, { signal }),
    onItem(item) {
      processes.value = item.processes
      const known = new Set(notices.value.map(({ id }) => id))
      const fresh = item.notices.filter(({ id }) => !known.has(id))
      if (fresh.length > 0) {
        notices.value = [...fresh, ...notices.value].sort((a, b) => b.id - a.id).slice(0, KEPT_NOTICES)
      }
    },
  })
}
