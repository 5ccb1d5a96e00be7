import { shallowRef } from 'vue'
import type { Failure } from '#contract/failure.ts'
import type { Workspace } from '#contract/service.ts'
import { follow } from './follow.ts'
import { serviceSession } from './sessions.ts'

/** Databases, saved commands and settings as the service has them; undefined until it has answered once. */
export const workspace = shallowRef<Workspace>()

/** Why it cannot be had, while the service refuses it; undefined once there is one. */
export const workspaceFailure = shallowRef<Failure>()

/** Starts keeping `workspace` up to date, for as long as the page lives. */
export function followWorkspace(): void {
  follow(serviceSession, {
    open: (client, signal) => client.stream('workspace.watch', {}, { signal }),
    onItem(item) {
      workspace.value = item
      workspaceFailure.value = undefined
    },
    onTrouble: (failure) => (workspaceFailure.value = failure),
  })
}
