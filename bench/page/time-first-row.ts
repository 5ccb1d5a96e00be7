import { paintedWhen } from './painted.ts'

/** A measurement that waits for a key. */
export interface FirstRowTiming {
  /** Milliseconds. */
  readonly tookMs: Promise<number>
}

/**
 * Measures from the next press of Enter until the grid shows a first cell with the given text: how long a person waits
 * who runs a query with the keyboard.
 */
export function timeFirstRow(text: string): FirstRowTiming {
  return { tookMs: measure(text) }
}

async function measure(text: string): Promise<number> {
  const pressedAt = await nextEnter()
  const shownAt = await paintedWhen(() => {
    const cells = document.querySelectorAll<HTMLElement>(
      '[data-testid="grid"] [data-row="0"][data-column="0"]',
    )
    return [...cells].some((cell) => cell.checkVisibility() && cell.textContent === text)
  })
  return shownAt - pressedAt
}

function nextEnter(): Promise<number> {
  return new Promise((resolve) => {
    const onKey = ({ key, timeStamp }: KeyboardEvent): void => {
      if (key !== 'Enter') return
      window.removeEventListener('keydown', onKey, { capture: true })
      resolve(timeStamp)
    }
    window.addEventListener('keydown', onKey, { capture: true })
  })
}
