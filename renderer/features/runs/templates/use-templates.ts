import { onScopeDispose, shallowRef } from 'vue'
import type { Template } from '#contract/template/template.ts'
import { follow } from '../../../ipc/follow.ts'
import { serviceSession } from '../../../ipc/sessions.ts'

/** The templates as they are now, until the surrounding scope is gone; undefined before the first answer. */
export function useTemplates() {
  const templates = shallowRef<readonly Template[]>()
  onScopeDispose(
    follow(serviceSession, {
      open: (client, signal) => client.stream('templates.watch', {}, { signal }),
      onItem: (now) => (templates.value = now.templates),
    }),
  )
  return templates
}
