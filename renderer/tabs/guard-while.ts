import { effectScope, onBeforeUnmount, watch, type EffectScope } from 'vue'
import { guardTab } from './tab-guards.ts'

/** Asks before a tab goes, for as long as there is something to lose in it. @param mayLeave as `guardTab` takes it */
export function guardTabWhile(
  tabId: () => number,
  hasSomethingToLose: () => boolean,
  mayLeave: () => Promise<boolean>,
): void {
  let guard: EffectScope | undefined
  watch(hasSomethingToLose, (isOpen) => {
    guard?.stop()
    guard = isOpen ? effectScope(true) : undefined
    guard?.run(() => guardTab(tabId(), mayLeave))
  })
  onBeforeUnmount(() => guard?.stop())
}
