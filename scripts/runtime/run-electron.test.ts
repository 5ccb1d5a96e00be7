import { readFileSync, watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { launchFromEnvironment } from './electron-launch.ts'
import { runElectron } from './run-electron.ts'
import { temporaryFolder } from './temporary-folder-fixture.ts'

const app = join(import.meta.dirname, 'app-fixture')

describe('runElectron', () => {
  test('lets the app close by itself when it is told to stop', async () => {
    const folder = await temporaryFolder()
    const file = join(folder, 'state')
    const stopped = new AbortController()
    const watcher = watch(folder, (_, name) => {
      if (name === 'state' && readFileSync(file, 'utf8') === 'ready') stopped.abort()
    })
    onTestFinished(() => watcher.close())
    const words = [
      '--ozone-platform=headless',
      `--user-data-dir=${join(folder, 'profile')}`,
      app,
      'stay',
      file,
    ]
    const options = { cwd: folder, signal: stopped.signal, say: () => {} }
    await runElectron(launchFromEnvironment(process.env), words, options)
    expect(await readFile(file, 'utf8')).toBe('asked to quit')
  })

  test('rejects when the executable is gone', async () => {
    const options = { cwd: '/', signal: new AbortController().signal, say: () => {} }
    const launch = { executable: '/nowhere/electron', args: [], env: {} }
    await expect(runElectron(launch, [], options)).rejects.toThrow('ENOENT')
  })
})
