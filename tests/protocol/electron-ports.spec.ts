import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron, expect, test, type ElectronApplication, type Page } from 'playwright/test'
import { build } from 'vite'
import { launchFromEnvironment } from '../../scripts/runtime/electron-launch.ts'

/** The ground that the design stands on: what ports do on this Electron, shown with the real channel engine. */

const root = join(import.meta.dirname, '..', '..')
let folder: string
let app: ElectronApplication
let page: Page

async function bundle(entry: string, name: string, format: 'es' | 'cjs' | 'iife'): Promise<void> {
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: {
      outDir: folder,
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      lib: { entry: join(root, entry), formats: [format], fileName: () => name, name: 'probe' },
      rolldownOptions: { external: ['electron', /^node:/] },
    },
  })
}

test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offloop-probe-'))
  await bundle('tests/protocol/probe/main.ts', 'main.js', 'es')
  await bundle('tests/protocol/probe/middle.ts', 'middle.js', 'es')
  await bundle('tests/protocol/probe/far.ts', 'far.js', 'es')
  await bundle('tests/protocol/probe/page.ts', 'page.js', 'iife')
  await bundle('preload/index.ts', 'preload.cjs', 'cjs')
  await writeFile(
    join(folder, 'package.json'),
    '{"name":"probe","version":"1.0.0","type":"module","main":"main.js"}',
  )
  await writeFile(
    join(folder, 'index.html'),
    '<!doctype html><title>probe</title><script src="page.js"></script>',
  )
})
test.afterAll(() => rm(folder, { recursive: true, force: true }))

test.beforeEach(async () => {
  const { executable, args, env } = launchFromEnvironment(process.env)
  const profile = join(folder, 'profile')
  app = await _electron.launch({
    executablePath: executable,
    args: [...args, folder, `--user-data-dir=${profile}`],
    env: { ...process.env, ...env } as Record<string, string>,
    chromiumSandbox: true,
  })
  page = await app.firstWindow()
  await page.waitForFunction(() => 'probe' in window)
})
test.afterEach(() => app.close())

test('a port that went over another port carries typed arrays straight to the page, in order', async () => {
  const { sums, sent } = await page.evaluate(() => window.probe.readBatches(50))
  expect(sent).toBe(50)
  expect(sums).toEqual(Array.from({ length: 50 }, (_, n) => n * 64))
})

test('kill -9 of a host fails what was pending on it with "host-lost", and the process in between lives on', async () => {
  const failure = page.evaluate(() => window.probe.failureOfEndlessRead())
  await expect(page).toHaveTitle(/reading/)
  const pid = await app.evaluate(() => globalThis.farProcess.pid)
  process.kill(pid ?? 0, 'SIGKILL')
  expect(await failure).toBe('host-lost')
  expect(await page.evaluate(() => window.probe.lastReason())).toBeNull()
})

test('a host whose loop is blocked can be killed, and the asker learns of it', async () => {
  const failure = page.evaluate(() => window.probe.failureOfBlock())
  await expect(page).toHaveTitle('blocking')
  await app.evaluate(async () => {
    globalThis.farProcess.kill()
    await globalThis.farProcess.gone
  })
  expect(await failure).toBe('host-lost')
})

test('reloading the page ends its requests on the other side', async () => {
  await page.evaluate(() => window.probe.startWaiting())
  await page.reload()
  await page.waitForFunction(() => 'probe' in window)
  await expect.poll(() => page.evaluate(() => window.probe.lastReason())).toBe('host-lost')
})

test('killing the page ends its requests on the other side', async () => {
  await page.evaluate(() => window.probe.startWaiting())
  const pid = await app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId(),
  )
  const crashed = page.waitForEvent('crash')
  process.kill(pid ?? 0, 'SIGKILL')
  await crashed
  const opened = app.waitForEvent('window')
  await app.evaluate(() => globalThis.openWindow())
  const second = await opened
  await second.waitForFunction(() => 'probe' in window)
  await expect.poll(() => second.evaluate(() => window.probe.lastReason())).toBe('host-lost')
})
