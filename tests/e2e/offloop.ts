import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  _electron,
  expect,
  test as base,
  type ElectronApplication,
  type Locator,
  type Page,
} from 'playwright/test'
import type {} from '../../renderer/page.d.ts'
import { launchFromEnvironment } from '../../scripts/runtime/electron-launch.ts'
import { openIdleWindow, type IdleWindow } from './idle-window.ts'
import { watchProcessorWaits, type ProcessorWaits } from './processor-waits.ts'

const root = join(import.meta.dirname, '..', '..')

/** No frame may take longer, whatever the window has to show meanwhile and however slow the machine. */
const LONGEST_FRAME_MS = 100

/** Offloop as a person has it: the built app with a real window, on a profile of its own. */
export interface Offloop {
  readonly profile: string
  readonly app: ElectronApplication
  readonly page: Page
  /** Quits as a person does, and waits until every process but the commands is gone. */
  quit(): Promise<void>
  /** Starts it again on the same profile. */
  start(): Promise<void>
  /** While it runs without a window: does what shows one, and goes on with that. */
  reopen(show: (app: ElectronApplication) => Promise<void>): Promise<void>
  /** Replaces the editor's text and runs it. */
  runSql(sql: string): Promise<void>
  /** Shows one of the views of the side bar, unless it is shown already: its symbol would then close it. */
  show(view: 'databases' | 'runs' | 'history'): Promise<void>
  /** Starts a command as a line for the shell, and leaves its page open. */
  runCommand(line: string, folder?: string): Promise<void>
  /** The pid of the service, or of the query host that is inside a statement, from the process view. */
  pidOf(role: 'service' | 'query-host'): Promise<number>
  /** One sentence on how the query stands. */
  readonly stateSentence: Locator
  /** The same with its figures. */
  readonly stateLine: Locator
  readonly grid: Locator
  readonly log: Locator
  /** A line of the log on screen, from 0. */
  line(number: number): Locator
}

interface Running {
  readonly app: ElectronApplication
  readonly page: Page
  readonly waits: ProcessorWaits
}

async function launch(profile: string): Promise<Running> {
  const { executable, args, env } = launchFromEnvironment(process.env)
  const app = await _electron.launch({
    executablePath: executable,
    args: [...args, root],
    env: { ...process.env, ...env, OFFLOOP_PROFILE: profile },
    chromiumSandbox: true,
  })
  const page = await app.firstWindow()
  // The sample database takes a few seconds on the first start.
  const shown = page.getByTestId('tree-database').or(page.getByTestId('recovery'))
  await expect(shown.first()).toBeAttached({ timeout: 60_000 })
  await expect(page.getByTestId('connection')).toContainText(/Ready|就绪/)
  return { app, page, waits: await watchProcessorWaits(app) }
}

/** From here on the test answers for every frame. */
async function markFrames(page: Page): Promise<number> {
  return page.evaluate(() => window.offloopFrames?.mark() ?? 0)
}

/**
 * Asserts that no frame since a mark was long. On a machine that is short of processors the display itself falls behind,
 * for every window: what an empty window beside this one waited at the same time is not held against it, nor what the
 * threads that make its frames waited for a processor.
 */
async function expectQuickFrames({ page, waits }: Running, idle: IdleWindow, since: number): Promise<void> {
  const { frames, origin, slow } = await page.evaluate(
    ({ mark, bound }) => ({
      frames: window.offloopFrames?.longerThan(bound, mark) ?? [{ endedAtMs: 0, durationMs: Infinity }],
      origin: performance.timeOrigin,
      slow: window.offloopFrames?.slow(mark) ?? [],
    }),
    { mark: since, bound: LONGEST_FRAME_MS },
  )
  if (frames.length === 0) return
  const idleWaits = await idle.waits()
  const late = frames.map(({ endedAtMs, durationMs }) => {
    const from = origin + endedAtMs - durationMs
    const to = from + durationMs
    const emptyWindow = idleWaits
      .map((wait) => Math.min(to, wait.from + wait.ms) - Math.max(from, wait.from))
      .reduce((sum, sharedMs) => sum + Math.max(0, sharedMs), 0)
    const noProcessor = waits.during(from, to)
    return { durationMs, emptyWindow, noProcessor, own: durationMs - Math.max(emptyWindow, noProcessor) }
  })
  const story = `long frames: ${JSON.stringify(late)}; what the browser blames: ${JSON.stringify(slow)}`
  expect(Math.max(...late.map(({ own }) => own)), story).toBeLessThan(LONGEST_FRAME_MS)
}

/** Playwright's `test` with a running Offloop; afterwards it asserts that no frame was long and ends every process. */
export const test = base.extend<{ offloop: Offloop; watchesFrames: boolean }, { idle: IdleWindow }>({
  idle: [
    async ({}, use) => {
      const idle = await openIdleWindow()
      await use(idle)
      await idle.close()
    },
    { scope: 'worker' },
  ],
  /** Off for tests that themselves run long scripts in the page. */
  watchesFrames: [true, { option: true }],
  offloop: async ({ watchesFrames, idle }, use) => {
    const profile = await mkdtemp(join(tmpdir(), 'offloop-e2e-'))
    let running = await launch(profile)
    let mark = await markFrames(running.page)
    const window = { crashed: false }
    running.page.once('crash', () => (window.crashed = true))
    const offloop: Offloop = {
      profile,
      get app() {
        return running.app
      },
      get page() {
        return running.page
      },
      async quit() {
        if (watchesFrames) await expectQuickFrames(running, idle, mark)
        running.waits.close()
        const closed = running.app.waitForEvent('close')
        await running.app.evaluate(({ app }) => app.quit())
        // Where something still runs it is left running, as far as it can be. Where nothing does, nobody is asked.
        const answered = running.page.getByTestId('leaving-leave').click({ timeout: 0 })
        await Promise.race([closed, answered.catch(() => closed)])
        await closed
      },
      async start() {
        running = await launch(profile)
        mark = await markFrames(running.page)
      },
      async reopen(show) {
        const { app, waits } = running
        const opened = app.waitForEvent('window')
        await show(app)
        const page = await opened
        await expect(page.getByTestId('connection')).toContainText(/Ready|就绪/)
        running = { app, page, waits }
        mark = await markFrames(page)
      },
      async runSql(sql) {
        const editor = running.page.getByTestId('editor').getByRole('textbox')
        await editor.fill(sql)
        await running.page.keyboard.press('ControlOrMeta+Enter')
      },
      async show(view) {
        const symbol = running.page.getByTestId(`activity-${view}`)
        if ((await symbol.getAttribute('aria-pressed')) !== 'true') await symbol.click()
      },
      async runCommand(line, folder) {
        const { page } = running
        await offloop.show('runs')
        await page.getByTestId('new-command').click()
        await running.page.getByTestId('command-line').fill(line)
        if (folder !== undefined) await running.page.getByTestId('command-folder').fill(folder)
        await running.page.getByTestId('start-command').click()
      },
      async pidOf(role) {
        await running.page.getByTestId('frame-meter').click()
        const row = running.page
          .getByTestId('process-panel')
          .locator(`tr[data-role="${role}"]`)
          .filter({ hasText: role === 'query-host' ? 'working' : 'ready' })
          // One that counts the rows of tables in the background is not meant.
          .filter({ hasNotText: 'count(*)' })
        await expect(row).toHaveAttribute('data-pid', /^[1-9]/)
        const pid = Number(await row.getAttribute('data-pid'))
        await running.page.keyboard.press('Escape')
        return pid
      },
      get stateSentence() {
        return running.page.getByTestId('state-sentence').filter({ visible: true })
      },
      get stateLine() {
        return running.page.getByTestId('state-line').filter({ visible: true })
      },
      get grid() {
        return running.page.getByTestId('grid').filter({ visible: true })
      },
      line: (number) => offloop.log.locator(`[data-line="${number}"]:not([hidden])`),
      get log() {
        return running.page.getByTestId('log').filter({ visible: true })
      },
    }
    await use(offloop)
    if (watchesFrames && !window.crashed) await expectQuickFrames(running, idle, mark)
    running.waits.close()
    const closed = running.app.waitForEvent('close')
    // As the end of a session does: nobody is asked what becomes of runs, and no page holds its window.
    running.app.process().kill('SIGTERM')
    await closed
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  },
})

export { expect }
