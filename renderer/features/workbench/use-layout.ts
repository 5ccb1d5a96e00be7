import { onMounted, onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import { t } from '../../messages/words.ts'
import { showError } from '../../ui/toasts.ts'
import { makeLayoutKeeper, readLayout } from './kept-layout.ts'
import type { Layout } from './tab.ts'

/** The layout of the window, as it was the last time, and kept as it changes. */
export function useLayout(): ShallowRef<Layout> {
  const layout = shallowRef(readLayout(localStorage))
  const keeper = makeLayoutKeeper(localStorage, () =>
    showError(t('workbench.notKept'), t('workbench.notKeptHint')),
  )
  watch(layout, (next) => keeper.changed(next))
  onMounted(() => window.addEventListener('pagehide', keeper.flush))
  onScopeDispose(() => {
    window.removeEventListener('pagehide', keeper.flush)
    keeper.flush()
  })
  return layout
}
