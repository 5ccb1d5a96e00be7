/** Tells what a program started by `electron <folder>` finds, and ends; with `stay` it waits to be told to quit. */
import { writeFileSync } from 'node:fs'
import { app } from 'electron'

const [purpose, file] = process.argv.slice(-2)

app.on('before-quit', () => {
  if (purpose === 'stay') writeFileSync(file, 'asked to quit')
})

void app.whenReady().then(() => {
  if (purpose === 'stay') {
    writeFileSync(file, 'ready')
    return
  }
  writeFileSync(
    file,
    JSON.stringify({
      name: app.getName(),
      version: app.getVersion(),
      userData: app.getPath('userData'),
      appPath: app.getAppPath(),
      isPackaged: app.isPackaged,
      isDefaultApp: process.defaultApp,
    }),
  )
  app.quit()
})
