import { expect, test } from './offloop.ts'

test('after quitting and coming back, a query and a command are in the history with what they brought', async ({
  offloop,
}) => {
  await offloop.runSql('SELECT id, quantity FROM order_items LIMIT 2500')
  await expect(offloop.stateLine).toContainText('2,500 rows')
  await offloop.runCommand('seq 1 50000; exit 3')
  await expect(offloop.page.getByTestId('run-state')).toContainText('exit code 3')

  await offloop.quit()
  await offloop.start()

  const { page } = offloop
  await offloop.show('history')
  const rows = page.getByTestId('history-row')
  await expect(rows).toHaveCount(2)
  await rows.filter({ hasText: 'seq 1 50000' }).dblclick()
  await expect(page.getByTestId('run-state')).toContainText('exit code 3')
  await offloop.log.click()
  await page.keyboard.press('ControlOrMeta+End')
  await expect(offloop.line(49999)).toContainText('50000')

  await rows.filter({ hasText: 'SELECT id, quantity' }).dblclick()
  await offloop.grid.locator('[data-row="0"][data-column="0"]').click()
  await page.keyboard.press('ControlOrMeta+End')
  await expect(offloop.grid.locator('[data-row="2499"][data-column="0"]')).toHaveText('2500')
})

test('open tabs and the text in the editor come back', async ({ offloop }) => {
  const editor = offloop.page.getByTestId('editor').getByRole('textbox')
  await editor.click()
  await editor.fill('SELECT 1 AS kept -- 你好')
  // Text is on disk at most a second after it was typed.
  await offloop.page.waitForTimeout(1_200)
  await offloop.quit()
  await offloop.start()
  await expect(offloop.page.getByTestId('editor').getByRole('textbox')).toContainText(
    'SELECT 1 AS kept -- 你好',
  )
})
