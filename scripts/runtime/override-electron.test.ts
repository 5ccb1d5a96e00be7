import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { overrideElectron } from './override-electron.ts'
import { temporaryFolder } from './temporary-folder-fixture.ts'
import { setupFailure } from './setup-failure-fixture.ts'

describe('overrideElectron', () => {
  test('takes an unpacked distribution', async () => {
    const folder = await temporaryFolder()
    const executable = join(folder, 'electron')
    await writeFile(executable, '')
    await chmod(executable, 0o755)
    await writeFile(join(folder, 'version'), 'v41.2.3\n')
    expect(await overrideElectron(folder, 'linux')).toEqual({
      source: 'override',
      executable,
      version: '41.2.3',
    })
  })

  test('names the variable and the folder when there is no Electron in it', async () => {
    const folder = await temporaryFolder()
    const failure = await setupFailure(overrideElectron(folder, 'win32'))
    expect(failure.code).toBe('not-runnable')
    expect(failure.message).toContain(`ELECTRON_OVERRIDE_DIST_PATH names ${folder}`)
    expect(failure.message).toContain('electron.exe')
  })
})
