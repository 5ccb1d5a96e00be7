import { readFile, watch } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { launchFromEnvironment } from './electron-launch.ts'
import { runElectron } from './run-electron.ts'
import { temporaryFolder } from './temporary-folder-fixture.ts'

const app = join(import.meta.dirname, 'app-fixture')

describe('runElectron', () => {
  test('lets the app close by itself when it is told to stop', async () => {
    const folder = await temporaryFolder()
    const file = join(folder, 'state')
    const changes = watch(folder)
    const stopped = new AbortController()
    const words = [
      '--ozone-platform=headless',
      `--user-data-dir=${join(folder, 'profile')}`,
      app,
      'stay',
      file,
    ]
    const options = { cwd: folder, signal: stopped.signal, say: () => {} }
    const ended = runElectron(launchFromEnvironment(process.env), words, options)
    for await (const { filename } of changes) {
      if (filename === 'state' && (await readFile(file, 'utf8')) === 'ready') break
    }
    stopped.abort()
    await ended
    expect(await readFile(file, 'utf8')).toBe('asked to quit')
  })

  test('rejects when the executable is gone', async () => {
    const options = { cwd: '/', signal: new AbortController().signal, say: () => {} }
    const launch = { executable: '/nowhere/electron', args: [], env: {} }
    await expect(runElectron(launch, [], options)).rejects.toThrow('ENOENT')
  })
})
