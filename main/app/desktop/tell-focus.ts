import { app, BrowserWindow } from 'electron'
import type { DesktopFeed } from './follow-desktop.ts'

/** Tells the service whether a window of Offloop has the focus, now and at every change. */
export function tellFocus(feed: DesktopFeed, log: (line: string, cause?: unknown) => void): void {
  function tell(): void {
    const focused = BrowserWindow.getFocusedWindow() !== null
    feed.client?.call('desktop.focus', { focused }).catch((error: unknown) => {
      log('The service does not know whether a window has the focus.', error)
    })
  }
  app.on('browser-window-focus', tell)
  app.on('browser-window-blur', tell)
  // One that is closed loses the focus without a word.
  for (const window of BrowserWindow.getAllWindows()) window.on('closed', tell)
  app.on('browser-window-created', (_event, window) => window.on('closed', tell))
  feed.onConnected(tell)
}
