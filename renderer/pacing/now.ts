import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'

/** A tenth of a second: what durations are shown in. */
const TICK_MS = 100

const now = shallowRef(Date.now())
let users = 0
let timer: ReturnType<typeof setInterval> | undefined

/** The time (ms since 1970), ticking as long as the component that uses it is there. */
export function useNow(): Readonly<ShallowRef<number>> {
  users += 1
  now.value = Date.now()
  timer ??= setInterval(() => (now.value = Date.now()), TICK_MS)
  onScopeDispose(() => {
    users -= 1
    if (users > 0) return
    clearInterval(timer)
    timer = undefined
  })
  return now
}
