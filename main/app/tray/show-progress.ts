import { app, BrowserWindow } from 'electron'
import type { DesktopFeed } from '../desktop/follow-desktop.ts'

/** Takes the progress off a taskbar. */
const NO_PROGRESS = -1

/**
 * Shows on the taskbar, or in the dock, how far the work is and how many runs there are, where the system can. Nothing is
 * shown while nobody knows how far it is: a bar that moves for hours says nothing.
 */
export function showProgress(feed: DesktopFeed): void {
  let shown = NO_PROGRESS
  let counted = 0
  function draw(window: Electron.BrowserWindow): void {
    window.setProgressBar(shown)
  }
  feed.onChanged(({ work }) => {
    const running = work.commands + work.others
    const next = work.fraction ?? NO_PROGRESS
    if (running !== counted) app.setBadgeCount(running)
    counted = running
    if (next === shown) return
    shown = next
    for (const window of BrowserWindow.getAllWindows()) draw(window)
  })
  app.on('browser-window-created', (_event, window) => draw(window))
}
