import { nextTick } from 'vue'

/** Where a list of lines of one height is scrolled to. */
export interface ListPlace<Item> {
  toBeginning(): void
  /** Scrolls no further than it takes to see a line. */
  bringIntoView(index: number): void
  /** Keeps the line at the top where it is when others come in or go above it; a list at its beginning stays there. */
  stay(items: readonly Item[], before: readonly Item[]): void
}

/** @param list the element that scrolls. @param linePx height of a line, in pixels. */
export function useListPlace<Item>(
  list: () => HTMLElement | null | undefined,
  linePx: number,
): ListPlace<Item> {
  return {
    toBeginning: () => list()?.scrollTo(0, 0),
    bringIntoView(index) {
      const scrolled = list()
      if (!scrolled) return
      const top = index * linePx
      if (top < scrolled.scrollTop) scrolled.scrollTop = top
      else if (top + linePx > scrolled.scrollTop + scrolled.clientHeight)
        scrolled.scrollTop = top + linePx - scrolled.clientHeight
    },
    stay(items, before) {
      const scrolled = list()
      if (!scrolled || scrolled.scrollTop === 0) return
      const at = Math.floor(scrolled.scrollTop / linePx)
      const first = before[at]
      const now = first === undefined ? -1 : items.indexOf(first)
      if (now === -1 || now === at) return
      void nextTick(() => (scrolled.scrollTop += (now - at) * linePx))
    },
  }
}
