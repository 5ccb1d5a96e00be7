import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron } from 'playwright/test'
import { launchFromEnvironment } from '../../scripts/runtime/electron-launch.ts'

/** Three frames of a 60 Hz screen: one or two are dropped on any busy machine. */
const WAIT_MS = 50

const MAIN = `const { app, BrowserWindow } = require('electron')
app.whenReady().then(() => {
  const window = new BrowserWindow({ width: 120, height: 90, x: 1470, y: 900, frame: false, webPreferences: { backgroundThrottling: false } })
  window.loadURL('data:text/html,<p>0')
})`

/** An empty window that draws a number for each frame, in an app of its own: the measure of what the display can do. */
export interface IdleWindow {
  /** Frames over 50 ms so far: when each began (milliseconds since 1970) and how long it took. */
  waits(): Promise<readonly { readonly from: number; readonly ms: number }[]>
  close(): Promise<void>
}

/** Opens the window, on the same Electron and the same display as the tests. */
export async function openIdleWindow(): Promise<IdleWindow> {
  const folder = await mkdtemp(join(tmpdir(), 'offloop-idle-'))
  await writeFile(join(folder, 'package.json'), '{"name":"idle","version":"1.0.0","main":"main.cjs"}')
  await writeFile(join(folder, 'main.cjs'), MAIN)
  const { executable, args, env } = launchFromEnvironment(process.env)
  const app = await _electron.launch({
    executablePath: executable,
    args: [...args, folder, `--user-data-dir=${join(folder, 'profile')}`],
    env: { ...process.env, ...env } as Record<string, string>,
    chromiumSandbox: true,
  })
  const page = await app.firstWindow()
  const log = await page.evaluateHandle((bound) => {
    const waits: { from: number; ms: number }[] = []
    let previous = performance.now()
    let count = 0
    const onFrame = (): void => {
      const now = performance.now()
      if (now - previous > bound) waits.push({ from: performance.timeOrigin + previous, ms: now - previous })
      previous = now
      document.body.textContent = String(count++)
      requestAnimationFrame(onFrame)
    }
    requestAnimationFrame(onFrame)
    return waits
  }, WAIT_MS)
  return {
    waits: () => log.jsonValue(),
    async close() {
      await app.close()
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
