import { app, session } from 'electron'
import { PAGE_ORIGIN } from './scheme.ts'

/** The one permission that Offloop's page has: putting what a person copies into the clipboard. */
const GRANTED = 'clipboard-sanitized-write'
/** Everything that a page could load from elsewhere. Its own scheme is not among them, so its requests are not delayed. */
const ELSEWHERE = ['http://*/*', 'https://*/*', 'ws://*/*', 'wss://*/*', 'file:///*', 'ftp://*/*']

/**
 * Lets Chromium find no address for any name: also what no policy of a page covers, such as asking for a name beforehand,
 * tells nobody anything. Offloop's own connections to database servers are Node's. Must run before the app is ready.
 */
export function resolveNothing(): void {
  app.commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND')
}

/** Denies every page what no page of Offloop needs: permissions, navigation, new windows, web views, downloads, the network. */
export function lockDown(): void {
  const { defaultSession } = session
  defaultSession.setPermissionRequestHandler((_contents, permission, answer) =>
    answer(permission === GRANTED),
  )
  defaultSession.setPermissionCheckHandler((_contents, permission) => permission === GRANTED)
  defaultSession.setDevicePermissionHandler(() => false)
  defaultSession.on('will-download', (event) => event.preventDefault())
  // The page's policy forbids this too; here it holds for a page that got rid of its policy.
  defaultSession.webRequest.onBeforeRequest({ urls: ELSEWHERE }, (_request, answer) =>
    answer({ cancel: true }),
  )
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
    contents.on('will-navigate', (event) => event.preventDefault())
    contents.on('will-frame-navigate', (event) => event.preventDefault())
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.on('will-redirect', (event) => event.preventDefault())
    // No policy of a page covers its calls to other machines.
    contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp')
  })
}

/** Whether a message comes from the top frame of Offloop's own page. */
export function isTrustedSender(frame: Electron.WebFrameMain | null): boolean {
  return frame !== null && frame.parent === null && frame.origin === PAGE_ORIGIN
}
