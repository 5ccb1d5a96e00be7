import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { putOnPath } from '../runtime/path-fixture.ts'
import { temporaryFolder } from '../runtime/temporary-folder-fixture.ts'
import { buildApp, ensureBuilt } from './build-app.ts'

const { signal } = new AbortController()

const NATIVE = ['main/query-host/accelerator/native', 'main/service/commands/native']
const HEADERS = 'node_modules/better-sqlite3/deps/sqlite3'

async function checkout(): Promise<string> {
  const root = await temporaryFolder()
  const folders = ['contract', 'main/app', 'preload', 'renderer', 'resources', 'out', ...NATIVE, HEADERS]
  for (const folder of folders) await mkdir(join(root, folder), { recursive: true })
  await writeFile(join(root, HEADERS, 'sqlite3.h'), '')
  for (const file of ['electron.vite.config.ts', 'package.json', 'package-lock.json', 'tsconfig.base.json']) {
    await writeFile(join(root, file), '')
  }
  await writeFile(join(root, 'main', 'app', 'window.ts'), 'one')
  await writeFile(join(root, 'main', 'app', 'menu.ts'), 'one')
  return root
}

/** Stands for the bundler, which would take seconds for each of these: it ends with the code in `exit-code`. */
const BUNDLER = {
  'electron-vite': 'echo built >> built; exit "$(cat exit-code 2>/dev/null || echo 0)"',
  cc: '',
}

async function builds(root: string): Promise<number> {
  return (await readFile(join(root, 'built'), 'utf8')).split('\n').length - 1
}

describe('ensureBuilt', () => {
  test('builds once for the same sources', async () => {
    await putOnPath(BUNDLER, 'kept')
    const root = await checkout()
    expect(await ensureBuilt(root, signal)).toBe(0)
    expect(await ensureBuilt(root, signal)).toBe(0)
    expect(await builds(root)).toBe(1)
  })

  test.each<[string, (root: string) => Promise<void>]>([
    ['changed', (root) => writeFile(join(root, 'main', 'app', 'window.ts'), 'two')],
    ['was added', (root) => writeFile(join(root, 'main', 'app', 'tray.ts'), '')],
    ['was deleted', (root) => rm(join(root, 'main', 'app', 'menu.ts'))],
    ['of the packages changed', (root) => writeFile(join(root, 'package-lock.json'), 'another')],
  ])('builds again when a file %s', async (_, change) => {
    await putOnPath(BUNDLER, 'kept')
    const root = await checkout()
    await ensureBuilt(root, signal)
    await change(root)
    await ensureBuilt(root, signal)
    expect(await builds(root)).toBe(2)
  })

  test('does not build again when a test changed', async () => {
    await putOnPath(BUNDLER, 'kept')
    const root = await checkout()
    await ensureBuilt(root, signal)
    await writeFile(join(root, 'main', 'app', 'window.test.ts'), '')
    await ensureBuilt(root, signal)
    expect(await builds(root)).toBe(1)
  })

  test('builds again after a build that failed, even one that followed a good one', async () => {
    await putOnPath(BUNDLER, 'kept')
    const root = await checkout()
    await ensureBuilt(root, signal)
    await writeFile(join(root, 'exit-code'), '3')
    expect(await buildApp(root, signal)).toBe(3)
    expect(await ensureBuilt(root, signal)).toBe(3)
    expect(await builds(root)).toBe(3)
  })
})
