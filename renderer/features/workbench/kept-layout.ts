import { firstLayout, layout, type Layout } from './tab.ts'

/** Where the page keeps its layout. */
const KEPT_UNDER = 'offloop.layout'
/** How long after a change it is kept: typing is not slowed down by it, and at most this much of it is lost. */
const KEEP_AFTER_MS = 500

/** The part of localStorage that is used here. */
export interface LayoutStorage {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
}

/** The layout of the last time; the first one when there was none or it cannot be read. */
export function readLayout(storage: LayoutStorage): Layout {
  const text = storage.getItem(KEPT_UNDER)
  if (text === null) return firstLayout
  try {
    return layout.parse(JSON.parse(text))
  } catch {
    // A layout of another version, or damaged: an empty window is better than none.
    return firstLayout
  }
}

/** Keeps the latest layout, at most half a second old. */
export interface LayoutKeeper {
  /** Notes a change; it is kept soon. */
  changed(next: Layout): void
  /** Keeps what has changed now, because the page is about to go. */
  flush(): void
}

/** @param onRefused is called when there is no room for the layout; editors keep their text for as long as they live. */
export function makeLayoutKeeper(storage: LayoutStorage, onRefused: () => void): LayoutKeeper {
  let pending: Layout | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    if (!pending) return
    const text = JSON.stringify(pending)
    pending = undefined
    try {
      storage.setItem(KEPT_UNDER, text)
    } catch {
      onRefused()
    }
  }

  return {
    changed(next) {
      pending = next
      timer ??= setTimeout(flush, KEEP_AFTER_MS)
    },
    flush,
  }
}
