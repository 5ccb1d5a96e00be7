import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright'
import { launchFromEnvironment } from '../../scripts/runtime/electron-launch.ts'
import { makeFuzzPlaces, type FuzzPlaces } from './fuzz-places.ts'

const ROOT = join(import.meta.dirname, '..', '..')

/** The built app with a window, with a home and a folder of its own, which a page may do its worst to. */
export interface Fuzzed {
  readonly app: ElectronApplication
  readonly page: Page
  readonly places: FuzzPlaces
  close(): Promise<void>
}

export async function openFuzzed(environment: NodeJS.ProcessEnv): Promise<Fuzzed> {
  const places = await makeFuzzPlaces(await mkdtemp(join(tmpdir(), 'offloop-fuzz-')))
  const { executable, args, env } = launchFromEnvironment(environment)
  const app = await _electron.launch({
    executablePath: executable,
    args: [...args, ROOT],
    cwd: places.start,
    env: {
      ...environment,
      ...env,
      OFFLOOP_PROFILE: places.profile,
      HOME: places.home,
      // What Chromium and GTK keep for themselves.
      XDG_CONFIG_HOME: join(places.root, 'xdg-config'),
      XDG_CACHE_HOME: join(places.root, 'xdg-cache'),
      XDG_DATA_HOME: join(places.root, 'xdg-data'),
    },
    chromiumSandbox: true,
  })
  const page = await app.firstWindow()
  await page.getByTestId('tree-database').first().waitFor({ state: 'attached', timeout: 60_000 })
  return {
    app,
    page,
    places,
    async close() {
      const closed = app.waitForEvent('close')
      app.process().kill('SIGTERM')
      await closed
      await rm(places.root, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
