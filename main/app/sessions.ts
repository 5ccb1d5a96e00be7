import { MessageChannelMain, type WebContents, ipcMain } from 'electron'
import { readyMessage, type SessionRole } from '#contract/session-ports.ts'
import { electronPort, transferList } from '#kit/electron-port.ts'
import type { Port } from '#kit/port.ts'
import { isTrustedSender } from './lockdown.ts'
import type { Supervisor } from './supervisor.ts'

/**
 * Gives every page that says it is ready a session with main and one with the service, and a new one with the service
 * whenever that was started again.
 * @param serveApp answers the page's requests to main on the given port.
 */
export function brokerSessions(
  supervisor: Supervisor,
  serveApp: (port: Port, contents: WebContents) => void,
): void {
  const pages = new Set<WebContents>()

  function giveServiceSession(contents: WebContents): void {
    const port = supervisor.openSession()
    if (port && !contents.isDestroyed()) send(contents, 'service', port)
  }

  ipcMain.on(readyMessage, (event) => {
    if (!isTrustedSender(event.senderFrame)) return
    const contents = event.sender
    if (!pages.has(contents)) {
      pages.add(contents)
      contents.once('destroyed', () => pages.delete(contents))
    }
    const { port1, port2 } = new MessageChannelMain()
    serveApp(electronPort(port1), contents)
    send(contents, 'app', electronPort(port2))
    giveServiceSession(contents)
  })
  supervisor.onStarted(() => {
    for (const contents of pages) giveServiceSession(contents)
  })
}

function send(contents: WebContents, role: SessionRole, port: Port): void {
  contents.postMessage(readyMessage, role, transferList([port]))
}
