import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'
import type { Pipe } from '#contract/pipe.ts'
import { follow } from '../ipc/follow.ts'
import { serviceSession } from '../ipc/sessions.ts'

/** How a pipe stands, as it changes; undefined until that is known. */
export function usePipe(id: number): Readonly<ShallowRef<Pipe | undefined>> {
  const pipe = shallowRef<Pipe>()
  onScopeDispose(
    follow(serviceSession, {
      open: (client, signal) => client.stream('pipe.watch', { id }, { signal }),
      onItem: (item) => (pipe.value = item),
      onEnd: (last) => (pipe.value = last),
    }),
  )
  return pipe
}
