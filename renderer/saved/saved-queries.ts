import { shallowRef } from 'vue'
import type { SavedQueryEntry } from '#contract/saved-query.ts'
import { follow } from '../ipc/follow.ts'
import { serviceSession } from '../ipc/sessions.ts'

/** The saved queries as the service has them, by name; undefined until it has answered once. */
export const savedQueries = shallowRef<readonly SavedQueryEntry[]>()

/** Keeps `savedQueries` up to date. @returns ends that. */
export function followSavedQueries(): () => void {
  return follow(serviceSession, {
    open: (client, signal) => client.stream('savedQueries.watch', {}, { signal }),
    onItem: ({ queries }) => (savedQueries.value = queries),
  })
}
