import { onScopeDispose, watch } from 'vue'
import { failureOf } from '#kit/request-failed.ts'
import { askApp } from '../ipc/ask.ts'
import { messageOf } from '../ipc/message-of.ts'
import { appSession } from '../ipc/sessions.ts'
import { t } from '../messages/words.ts'
import { showError } from '../ui/toasts.ts'
import { guardedTabs, mayCloseTab } from './tab-guards.ts'

/**
 * Keeps the window open while a tab has something to lose: whoever closes the window, or quits, is asked first.
 * @param show brings a tab to the front, so that one sees what is asked about.
 */
export function holdWindow(show: (tab: number) => void): void {
  let current: AbortController | undefined

  async function hold(client: NonNullable<typeof appSession.value>, holding: AbortController): Promise<void> {
    const held = client.stream('window.hold', {}, { signal: holding.signal })
    try {
      for await (const { quitting } of held) {
        if (!(await mayLeave(show))) {
          await askApp('window.stay', {})
          continue
        }
        holding.abort()
        await held.result.catch(() => undefined)
        await askApp(quitting ? 'quit' : 'window.close', {})
      }
    } catch (error) {
      const { code } = failureOf(error)
      if (code !== 'cancelled' && code !== 'host-lost')
        showError(t('workbench.closeWindow'), messageOf(error))
    }
  }

  const unwatch = watch(
    () => ({ client: appSession.value, needed: guardedTabs.value.length > 0 }),
    ({ client, needed }, before) => {
      if (client === before?.client && needed === before?.needed) return
      current?.abort()
      current = undefined
      if (client && needed) void hold(client, (current = new AbortController()))
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    unwatch()
    current?.abort()
  })
}

/** Asks one tab after the other, until one has to stay. */
async function mayLeave(show: (tab: number) => void): Promise<boolean> {
  for (const tab of guardedTabs.value) {
    show(tab)
    if (!(await mayCloseTab(tab))) return false
  }
  return true
}
