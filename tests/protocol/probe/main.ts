import { join } from 'node:path'
import { app, BrowserWindow, ipcMain, MessageChannelMain, utilityProcess } from 'electron'
import { readyMessage } from '#contract/session-ports.ts'

/** A bare app: two utility processes, a page, and the ports between them, without anything of Offloop on top. */

declare global {
  var farProcess: { pid: number | undefined; kill(): boolean; gone: Promise<void> }
  var openWindow: () => Promise<void>
}

// Not awaited here: Electron is ready only after this module has been evaluated.
void app.whenReady().then(async () => {
  const folder = app.getAppPath()
  const middle = utilityProcess.fork(join(folder, 'middle.js'))
  const far = utilityProcess.fork(join(folder, 'far.js'))
  const between = new MessageChannelMain()
  middle.postMessage({ role: 'broker' }, [between.port1])
  far.postMessage({ role: 'session' }, [between.port2])
  globalThis.farProcess = {
    get pid() {
      return far.pid
    },
    kill: () => far.kill(),
    gone: new Promise((resolve) => far.once('exit', () => resolve())),
  }

  ipcMain.on(readyMessage, ({ sender }) => {
    const { port1, port2 } = new MessageChannelMain()
    middle.postMessage({ role: 'session' }, [port1])
    sender.postMessage(readyMessage, 'service', [port2])
  })
  globalThis.openWindow = async () => {
    const window = new BrowserWindow({
      webPreferences: { preload: join(folder, 'preload.cjs'), sandbox: true },
    })
    await window.loadFile(join(folder, 'index.html'))
  }
  await globalThis.openWindow()
})
