import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runCommand, type CommandResult } from '../process/run-command.ts'
import { launchFromEnvironment } from './electron-launch.ts'
import { temporaryFolder } from './temporary-folder-fixture.ts'

const app = join(import.meta.dirname, 'app-fixture')

/** Runs the real Electron without a display. */
async function runApp(words: readonly string[], home: string): Promise<CommandResult> {
  const { executable, args } = launchFromEnvironment(process.env)
  return runCommand(executable, [...args, '--ozone-platform=headless', ...words], {
    signal: new AbortController().signal,
    env: { ...process.env, XDG_CONFIG_HOME: home },
  })
}

describe('electron <folder>', () => {
  test('gives the app the name, version and folders of its package.json', async () => {
    const home = await temporaryFolder()
    const file = join(home, 'found.json')
    expect((await runApp([app, 'tell', file], home)).code).toBe(0)
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      name: 'Fixture',
      version: '3.2.1',
      userData: join(home, 'Fixture'),
      appPath: app,
      isPackaged: false,
      isDefaultApp: true,
    })
  })

  test('leaves the data folder to --user-data-dir', async () => {
    const home = await temporaryFolder()
    const file = join(home, 'found.json')
    const named = join(home, 'named')
    await runApp([`--user-data-dir=${named}`, app, 'tell', file], home)
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ userData: named })
  })

  test('ends with an error that names the folder when its app cannot be loaded', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'package.json'), '{"main":"missing.js"}')
    const { code, stderr } = await runApp([folder], folder)
    expect(code).not.toBe(0)
    expect(stderr).toContain(folder)
  })
})
