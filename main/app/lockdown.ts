import { app, session } from 'electron'
import { PAGE_ORIGIN } from './scheme.ts'

/** The one permission that Offloop's page has: putting what a person copies into the clipboard. */
const GRANTED = 'clipboard-sanitized-write'

/** Denies every page what no page of Offloop needs: permissions, navigation, new windows, web views. */
export function lockDown(): void {
  session.defaultSession.setPermissionRequestHandler((_contents, permission, answer) =>
    answer(permission === GRANTED),
  )
  session.defaultSession.setPermissionCheckHandler((_contents, permission) => permission === GRANTED)
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
    contents.on('will-navigate', (event) => event.preventDefault())
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.on('will-redirect', (event) => event.preventDefault())
  })
}

/** Whether a message comes from the top frame of Offloop's own page. */
export function isTrustedSender(frame: Electron.WebFrameMain | null): boolean {
  return frame !== null && frame.parent === null && frame.origin === PAGE_ORIGIN
}
