/**
 * Draws an SVG as PNG files with Chromium, the renderer that people know: `electron icon-renderer --svg=FILE
 * --folder=FOLDER --sizes=16,32`. Each file is named by its size, such as 32x32.png.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { app, BrowserWindow } from 'electron'

const EXIT_FAILED = 1

/** @param {string} svg @param {number} size runs in the page; @returns {Promise<string>} a data: URL of a PNG */
async function draw(svg, size) {
  const image = new Image()
  image.src = svg
  image.width = image.height = size
  await image.decode()
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = size
  canvas.getContext('2d')?.drawImage(image, 0, 0, size, size)
  return canvas.toDataURL('image/png')
}

async function main() {
  const { commandLine } = app
  const folder = commandLine.getSwitchValue('folder')
  const svg = await readFile(commandLine.getSwitchValue('svg'))
  const image = `data:image/svg+xml;base64,${svg.toString('base64')}`
  const window = new BrowserWindow({ show: false })
  await window.loadURL('data:text/html,<title>icons</title>')
  await mkdir(folder, { recursive: true })
  for (const size of commandLine.getSwitchValue('sizes').split(',').map(Number)) {
    const url = await window.webContents.executeJavaScript(`(${draw})(${JSON.stringify(image)}, ${size})`)
    await writeFile(join(folder, `${size}x${size}.png`), Buffer.from(url.split(',')[1], 'base64'))
  }
}

// Not awaited at the top: Electron is ready only once this file has been loaded.
void app
  .whenReady()
  .then(main)
  .then(
    () => app.exit(),
    (error) => {
      process.stderr.write(
        `The icons could not be drawn: ${error instanceof Error ? error.stack : String(error)}\n`,
      )
      app.exit(EXIT_FAILED)
    },
  )
