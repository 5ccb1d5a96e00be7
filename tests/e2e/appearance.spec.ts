import type { Page } from 'playwright/test'
import { expectAccessible } from './accessible.ts'
import { expect, test } from './offloop.ts'

/** Longer than any frame may be. */
const BUSY_MS = 300
/** No frame may take so long. */
const LONG_FRAME_MS = 100
/** Longer than frames are measured after something has moved. */
const REST_MS = 1_000

for (const theme of ['light', 'dark'] as const) {
  test.describe(`${theme} theme`, () => {
    // axe looks at every element in one go, which takes it longer than a frame.
    test.use({ watchesFrames: false })
    test(`axe finds nothing on any screen in the ${theme} theme`, async ({ offloop }) => {
      const { page } = offloop
      await page.getByTestId('activity-settings').click()
      await page.getByTestId('setting-theme').selectOption(theme)
      await expect(page.locator('html')).toHaveAttribute('data-theme', theme)
      await expectAccessible(page, 'settings')
      await page.locator('[data-change="view.sideBar"]').click()
      await page.keyboard.press('Control+Shift+H')
      await expect(page.getByTestId('shortcut-take')).toBeVisible()
      await expectAccessible(page, 'a shortcut that another command has')
      await page.getByTestId('new-query').first().click()
      await offloop.runSql('SELECT * FROM reviews')
      await expect(offloop.grid.locator('[data-row="0"]').first()).toBeVisible()
      await expectAccessible(page, 'a result')
      await offloop.runSql('SELEC 1')
      await expect(page.getByTestId('query-error').filter({ visible: true })).toBeVisible()
      await expectAccessible(page, 'an error')
      await offloop.runSql('SELECT :a; SELECT count(*) FROM reviews')
      await page.keyboard.press('ControlOrMeta+Shift+E')
      await expect(page.getByTestId('plan-step')).toHaveCount(1)
      await page.getByTestId('connection-menu').filter({ visible: true }).click()
      await page.getByTestId('connection-manual').click()
      await offloop.runSql('UPDATE reviews SET stars = stars WHERE id = :a')
      await expect(page.getByTestId('parameter-value')).toBeFocused()
      await page.keyboard.type('1')
      await page.keyboard.press('Enter')
      await expect(page.getByTestId('transaction')).toBeVisible()
      await expectAccessible(page, 'parameters and a transaction')
      await page.keyboard.press('ControlOrMeta+W')
      await expect(page.getByTestId('question')).toBeVisible()
      await expectAccessible(page, 'a question')
      await page.getByTestId('choose-roll-back').click()
      await page.keyboard.press('ControlOrMeta+T')
      await offloop.runCommand(`printf '\\033[31mred\\033[32mgreen\\033[0m\\n'; exit 2`)
      await expect(page.getByTestId('run-state').filter({ visible: true })).toContainText('exit code 2')
      await expectAccessible(page, 'a command')
      await offloop.show('history')
      await expect(page.getByTestId('history-row').first()).toBeVisible()
      await expectAccessible(page, 'the history')
      await page.keyboard.press('ControlOrMeta+Shift+L')
      await expect(page.getByTestId('runs-row')).toHaveCount(5)
      await page.getByTestId('runs-list').press('ControlOrMeta+A')
      await page.getByTestId('runs-wait').click()
      await expect(page.getByTestId('wait-panel')).toBeVisible()
      await expectAccessible(page, 'the table of runs')
      await page.getByTestId('frame-meter').click()
      await expect(page.getByTestId('process-panel')).toBeVisible()
      await page.getByTestId('end-process').first().click()
      await expectAccessible(page, 'the processes')
      await page.keyboard.press('Escape')
      await offloop.runCommand('exec sleep 100')
      await expect(page.getByTestId('run-state').filter({ visible: true })).toContainText('Running')
      await page.keyboard.press('ControlOrMeta+Q')
      await expect(page.getByTestId('leaving')).toBeVisible()
      await expectAccessible(page, 'leaving')
      await page.keyboard.press('Escape')
      expect(await longestFrameOfBusyPage(page)).toBeGreaterThan(LONG_FRAME_MS)
    })
  })
}

test('the language changes without a restart, and stays', async ({ offloop }) => {
  await offloop.page.getByTestId('activity-settings').click()
  await offloop.page.getByTestId('setting-language').selectOption('zh-CN')
  await expect(offloop.page.getByTestId('side-bar')).toContainText('数据库')
  await expect(offloop.page.locator('html')).toHaveAttribute('lang', 'zh-CN')
  await offloop.quit()
  await offloop.start()
  await expect(offloop.page.getByTestId('side-bar')).toContainText('数据库')
})

test('a shortcut is found, changed, taken from another command and put back, and stays after a restart', async ({
  offloop,
}) => {
  const { page } = offloop
  const shortcut = (command: string) => page.locator(`[data-testid="shortcut"][data-command="${command}"]`)
  const openSettings = async (): Promise<void> => {
    await page.getByTestId('activity-settings').click()
    await page.getByTestId('shortcut-search').scrollIntoViewIfNeeded()
  }
  await openSettings()
  await page.getByTestId('shortcut-search').fill('ctrl+b')
  await expect(page.getByTestId('shortcut')).toHaveCount(1)
  await shortcut('view.sideBar').getByTestId('shortcut-change').click()
  await page.getByTestId('shortcut-search').click()
  await page.keyboard.press('End')
  await page.keyboard.press('Backspace')
  await expect(page.getByTestId('shortcut-search')).toHaveValue('ctrl+')
  await page.keyboard.type('b')
  await shortcut('view.sideBar').getByTestId('shortcut-change').click()
  await page.keyboard.press('b')
  await expect(page.getByRole('alert')).toContainText('B writes text')
  await page.keyboard.press('Control+Shift+H')
  await expect(page.getByRole('alert')).toContainText('Ctrl+Shift+H belongs to')
  await page.getByTestId('shortcut-take').click()
  await page.getByTestId('shortcut-search').fill('ctrl+shift+h')
  await expect(page.getByTestId('shortcut')).toHaveCount(1)
  await expect(shortcut('view.sideBar')).toContainText('Ctrl+Shift+H')

  await offloop.quit()
  await offloop.start()
  const again = offloop.page
  await expect(again.getByTestId('side-bar')).toBeVisible()
  await again.keyboard.press('Control+B')
  await expect(again.getByTestId('side-bar')).toBeVisible()
  await again.keyboard.press('Control+Shift+H')
  await expect(again.getByTestId('side-bar')).toBeHidden()
  await again.locator('[data-command="view.history"]').getByTestId('shortcut-reset').click()
  await expect(again.getByRole('alert')).toContainText('belongs to “Show or hide the side bar”')
  await again.getByTestId('shortcuts-reset').click()
  await expect(again.getByTestId('shortcuts-reset')).toBeDisabled()
  await again.keyboard.press('Control+B')
  await expect(again.getByTestId('side-bar')).toBeVisible()
})

test('the page breaks no rule of its content security policy', async ({ offloop }) => {
  const { page } = offloop
  const violations: string[] = []
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) violations.push(message.text())
  })
  await page.evaluate(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      console.error(`Content Security Policy: ${violatedDirective} ${blockedURI}`),
    )
  })
  await offloop.runSql('SELECT 42')
  await expect(offloop.grid.locator('[data-row="0"][data-column="0"]')).toHaveText('42')
  await page.keyboard.press('F1')
  await expect(page.getByTestId('palette')).toBeVisible()
  await page.keyboard.press('Escape')
  expect(violations).toEqual([])
})

test('every process has a lag meter, and none of them was late by more than a tenth of a second', async ({
  offloop,
}) => {
  const { page } = offloop
  await offloop.runSql('SELECT * FROM order_items')
  await expect(offloop.stateSentence).toContainText('1,000,000 rows in')
  await page.getByTestId('frame-meter').click()
  for (const role of ['main', 'service']) {
    const lag = page.getByTestId('process-panel').locator(`tr[data-role="${role}"] [data-lag-ms]`)
    await expect(lag).toHaveAttribute('data-lag-ms', /^[\d.]+$/)
    expect(Number(await lag.getAttribute('data-lag-ms'))).toBeLessThan(100)
  }
})

/** Keeps a page that rests from drawing. @returns what its meter then says, in milliseconds. */
function longestFrameOfBusyPage(page: Page): Promise<number | undefined> {
  return page.evaluate(
    async ({ busyMs, restMs }) => {
      const after = (ms: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, ms))
      await after(restMs)
      const mark = performance.now()
      setTimeout(() => {
        while (performance.now() < mark + busyMs);
        // Something to draw, as a handler that takes long has.
        document.documentElement.classList.toggle('was-busy')
      })
      await after(busyMs + restMs)
      return window.offloopFrames?.longestMs(mark)
    },
    { busyMs: BUSY_MS, restMs: REST_MS },
  )
}
