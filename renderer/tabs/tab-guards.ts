import { onScopeDispose } from 'vue'

/** Asks the person whether what a tab holds may be lost. @returns whether the tab may go. */
export type TabGuard = () => Promise<boolean>

const guards = new Map<number, Set<TabGuard>>()

/** Has a tab ask before it is closed, until the surrounding component, or effect scope, is gone. */
export function guardTab(id: number, guard: TabGuard): void {
  const ofTab = guards.get(id) ?? new Set()
  ofTab.add(guard)
  guards.set(id, ofTab)
  onScopeDispose(() => {
    ofTab.delete(guard)
    if (ofTab.size === 0) guards.delete(id)
  })
}

/** Whether a tab may be closed, after everything in it that has something to lose was asked. */
export async function mayCloseTab(id: number): Promise<boolean> {
  for (const guard of [...(guards.get(id) ?? [])]) if (!(await guard())) return false
  return true
}
