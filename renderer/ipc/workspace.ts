import { shallowRef } from 'vue'
import type { Workspace } from '#contract/service.ts'
import { follow } from './follow.ts'
import { serviceSession } from './sessions.ts'

/** Databases, saved commands and settings as the service has them; undefined until it has answered once. */
export const workspace = shallowRef<Workspace>()

/** Starts keeping `workspace` up to date, for as long as the page lives. */
export function followWorkspace(): void {
  follow(serviceSession, {
    open: (client, signal) => client.stream('workspace.watch', {}, { signal }),
    onItem: (item) => (workspace.value = item),
  })
}
