import { computed, onScopeDispose, shallowReactive } from 'vue'

/** Asks the person whether what a tab holds may be lost. @returns whether the tab may go. */
export type TabGuard = () => Promise<boolean>

const guards = shallowReactive(new Map<number, ReadonlySet<TabGuard>>())

/** The tabs that ask before they are closed. */
export const guardedTabs = computed(() => [...guards.keys()])

/** Has a tab ask before it is closed, until the surrounding component, or effect scope, is gone. */
export function guardTab(id: number, guard: TabGuard): void {
  guards.set(id, new Set([...(guards.get(id) ?? []), guard]))
  onScopeDispose(() => {
    const others = [...(guards.get(id) ?? [])].filter((each) => each !== guard)
    if (others.length > 0) guards.set(id, new Set(others))
    else guards.delete(id)
  })
}

/** Whether a tab may be closed, after everything in it that has something to lose was asked. */
export async function mayCloseTab(id: number): Promise<boolean> {
  for (const guard of [...(guards.get(id) ?? [])]) if (!(await guard())) return false
  return true
}
