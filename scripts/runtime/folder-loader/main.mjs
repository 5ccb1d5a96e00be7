/**
 * Lets the fallback Electron run `electron <folder>` as a stock Electron does: its binary comes without the
 * `default_app.asar` that does this. Copied to `resources/app` of the fallback, never part of a package.
 */
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { app } from 'electron'

const EXIT_USAGE = 2

/** @param {string} message */
function refuse(message) {
  process.stderr.write(`${message}\n`)
  app.exit(EXIT_USAGE)
}

/** @param {string} folder absolute path of the folder that holds the app's package.json */
async function runFolder(folder) {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  const name = manifest.productName ?? manifest.name
  // Programs ask this flag whether argv[1] is a folder that must be repeated to start them again.
  Object.defineProperty(process, 'defaultApp', { value: true, enumerable: true })
  app.setAppPath(folder)
  if (manifest.version) app.setVersion(manifest.version)
  if (name) {
    app.setName(name)
    if (!app.commandLine.hasSwitch('user-data-dir')) {
      app.setPath('userData', join(app.getPath('appData'), name))
    }
  }
  await import(pathToFileURL(join(folder, manifest.main ?? 'index.js')).href)
}

const argument = process.argv.slice(1).find((word) => !word.startsWith('-'))
if (argument === undefined) {
  refuse('No app to run was named. Run: electron <folder with a package.json>')
} else {
  const folder = resolve(argument)
  try {
    await runFolder(folder)
  } catch (error) {
    refuse(
      `The app in ${folder} could not be started: ${error instanceof Error ? error.stack : String(error)}`,
    )
  }
}
