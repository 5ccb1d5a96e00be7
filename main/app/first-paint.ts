import type { BrowserWindow } from 'electron'

/** A window that has not painted by then must not keep everything else waiting (milliseconds). */
const PATIENCE_MS = 2_000

/**
 * Resolves once a window has painted for the first time, has been closed, or takes too long; at once without a window.
 * A process that is forked before delays that paint by a third.
 */
export function firstPaint(window: BrowserWindow | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (!window) return resolve()
    window.once('ready-to-show', () => resolve())
    window.once('closed', () => resolve())
    setTimeout(resolve, PATIENCE_MS)
  })
}
