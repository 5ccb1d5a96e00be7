import { tmpdir } from 'node:os'
import type { Page } from 'playwright/test'
import { expect, test } from '../e2e/offloop.ts'
import { inEveryLook } from './pictures.ts'

test.use({ watchesFrames: false })

/** Prints the same but for its measurements, on both streams. */
const CHECK = (seconds: string): string =>
  `for i in 1 2 3 4 5 6; do echo "check $i of 6: passed"; done; echo "warning: 2 files are old" >&2; echo "took ${seconds} s"; echo "done"`

/** Closes the message in the corner. */
async function putAway(page: Page): Promise<void> {
  await page.getByTestId('toast').getByRole('button').click()
}

inEveryLook('commands', async (offloop, picture) => {
  const { page, show, runCommand } = offloop
  const state = page.getByTestId('run-state').filter({ visible: true })

  await show('runs')
  await page.getByTestId('new-command').first().click()
  await page.getByTestId('command-kind-program').check({ force: true })
  await page.getByTestId('command-program').fill('/usr/bin/printf')
  await page.getByTestId('command-args').fill('%s at %s\\n\n{city}\n{scale}')
  await page.getByTestId('command-folder').fill(tmpdir())
  await page.getByTestId('parameters-editor').locator('summary').click()
  const parameters = page.getByTestId('parameter')
  for (const [name, about] of [
    ['city', 'Which city is simulated'],
    ['scale', 'Metres of a cell'],
  ] as const) {
    await page.getByTestId('add-parameter').click()
    await parameters.last().getByTestId('parameter-name').fill(name)
    await parameters.last().getByTestId('parameter-about').fill(about)
  }
  await parameters.last().getByTestId('parameter-type').selectOption('number')
  await picture('template-editor')
  await page.getByTestId('save-as-template').click()
  await page.getByTestId('template-name').fill('simulate')
  await page.getByTestId('template-save').click()
  await putAway(page)
  const value = page.locator('[data-parameter="scale"]').getByTestId('value')
  await value.fill('25')
  await page.getByTestId('fan-kind-values').check({ force: true })
  await page.getByTestId('fan-values').fill('Zürich\n北京\nSão Paulo')
  await expect(page.getByTestId('fan-preview')).toContainText('25')
  await picture('template')
  await page.getByTestId('start-template').click()
  await expect(page.getByTestId('runs-row').and(page.locator('[data-state="done"]'))).toHaveCount(3)
  await putAway(page)

  for (const seconds of ['41', '57']) {
    await show('runs')
    await page.getByTestId('new-command').first().click()
    await page.getByTestId('command-line').visible().fill(CHECK(seconds))
    await page.getByTestId('command-folder').visible().fill(tmpdir())
    await page.getByTestId('command-errors-apart').visible().check()
    await page.getByTestId('start-command').visible().click()
    await expect(state).toContainText(/(code|退出码) 0/)
  }
  await offloop.line(3).waitFor()
  await picture('standard-error')
  await page.keyboard.press('ControlOrMeta+Shift+L')
  const rows = page.getByTestId('runs-row')
  await expect(rows).toHaveCount(5)
  await rows.first().click()
  await rows.nth(1).click({ modifiers: ['ControlOrMeta'] })
  await page.getByTestId('runs-compare').click()
  await expect(page.getByTestId('diff-summary')).toBeVisible()
  await page.getByTestId('diff-only').uncheck()
  await expect(offloop.line(0)).toContainText('check 1')
  await picture('differences')

  await runCommand('exec sleep 207', tmpdir())
  await expect(state).toBeVisible()
  await page.keyboard.press('ControlOrMeta+Q')
  await page.getByTestId('leaving').waitFor()
  await picture('leaving')
  await page.keyboard.press('Escape')
  await page.getByTestId('stop-run').filter({ visible: true }).click()
  await expect(page.getByTestId('live-run')).toHaveCount(0)
})
