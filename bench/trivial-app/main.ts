import { join } from 'node:path'
import { app, BrowserWindow } from 'electron'

/** The least that an Electron app with a window can be: what Offloop's start and its ports are compared with. */

// Not awaited here: Electron is ready only after this module has been evaluated.
void app.whenReady().then(() => {
  const folder = app.getAppPath()
  const window = new BrowserWindow({
    width: 1280,
    height: 820,
    show: false,
    webPreferences: { preload: join(folder, 'preload.cjs'), sandbox: true },
  })
  window.once('ready-to-show', () => window.show())
  void window.loadFile(join(folder, 'index.html'))
})
app.on('window-all-closed', () => app.quit())
