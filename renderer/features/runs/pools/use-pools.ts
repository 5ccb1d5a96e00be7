import { computed, onScopeDispose, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import type { Lane, LockLine } from '#contract/terms.ts'
import { follow } from '../../../ipc/follow.ts'
import { serviceSession } from '../../../ipc/sessions.ts'

export interface PoolsNow {
  readonly lanes: Readonly<ShallowRef<readonly Lane[]>>
  readonly locks: Readonly<ShallowRef<readonly LockLine[]>>
  readonly names: ComputedRef<readonly string[]>
  /** Why they are not known; undefined while all is well. */
  readonly trouble: Readonly<ShallowRef<string | undefined>>
}

/** The pools and locks as they are now, until the surrounding scope is gone. */
export function usePools(): PoolsNow {
  const lanes = shallowRef<readonly Lane[]>([])
  const locks = shallowRef<readonly LockLine[]>([])
  const trouble = shallowRef<string>()
  onScopeDispose(
    follow(serviceSession, {
      open: (client, signal) => client.stream('pools.watch', {}, { signal }),
      onItem(now) {
        lanes.value = now.pools
        locks.value = now.locks
        trouble.value = undefined
      },
      onTrouble: ({ message }) => (trouble.value = message),
    }),
  )
  return { lanes, locks, trouble, names: computed(() => lanes.value.map(({ name }) => name)) }
}
