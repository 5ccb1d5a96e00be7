import { app, BrowserWindow, powerMonitor } from 'electron'
import type { LeavingGuard } from './guard-leaving.ts'

/** Ends Offloop without a question when the session ends, or when it gets a signal: nobody is there to answer. */
export function quitAtSessionEnd(leaving: LeavingGuard): void {
  function end(): void {
    // Neither may a page keep its window.
    for (const window of BrowserWindow.getAllWindows()) window.destroy()
    leaving.quitUnasked()
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, end)
  powerMonitor.on('shutdown', end)
  app.on('browser-window-created', (_event, window) => window.on('session-end', end))
}
