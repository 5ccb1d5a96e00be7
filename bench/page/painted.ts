/** A place in the grid that is shown. */
const SHOWN_GRID = '[data-tab]:not([style*="display: none"]) [data-testid="grid"]'

/**
 * Waits until something holds, and until the frame in which it came to hold is painted. The grid is drawn within frames:
 * a change is noticed in the frame itself, and a message that is sent then arrives when the frame is done.
 * @returns the page's time, in milliseconds.
 */
export function paintedWhen(holds: () => boolean): Promise<number> {
  return new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      if (!holds()) return
      observer.disconnect()
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => resolve(performance.now())
      port2.postMessage('painted')
    })
    observer.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true })
  })
}

/** The grid of the tab that is shown. @throws Error when there is none. */
export function shownGrid(): Element {
  const grid = document.querySelector(SHOWN_GRID)
  if (grid === null) throw new Error('No grid is shown.')
  return grid
}

/** The rows of a grid that are in view now. */
export function rowsInView(grid: Element): readonly HTMLElement[] {
  return [...grid.querySelectorAll<HTMLElement>('[data-row][role="row"]')].filter(({ hidden }) => !hidden)
}
