import { expect, test } from './offloop.ts'

test('each line of a command appears while it runs, and its exit code is told', async ({
  offloop: { page, line, runCommand },
}) => {
  await runCommand('for i in 1 2 3; do echo "line $i"; sleep 0.5; done; exit 7')
  await expect(line(0)).toContainText('line 1')
  await expect(page.getByTestId('run-state')).toContainText('Running')
  await expect(line(2)).toContainText('line 3')
  await expect(page.getByTestId('run-state')).toContainText('exit code 7')
})

test('a command that floods a gigabyte leaves typing alone, and stops when it is asked to', async ({
  offloop,
}) => {
  const { page, log, runCommand } = offloop
  await runCommand(`yes 'as fast as it goes' | head -c 1073741824; sleep 60`)
  await expect(log.locator('[data-line]:not([hidden])').first()).toContainText('as fast as it goes')
  await offloop.show('databases')
  await page.getByTestId('new-query').first().click()
  const editor = page.getByTestId('editor').getByRole('textbox')
  await editor.click()
  await page.keyboard.type('SELECT 1 -- typed while the flood goes on', { delay: 20 })
  await expect(editor).toContainText('SELECT 1 -- typed while the flood goes on')

  await offloop.show('runs')
  await page.getByTestId('live-run').first().click()
  await expect(page.getByTestId('run-state')).toContainText('Running')
  await page.getByTestId('stop-run').click()
  await expect(page.getByTestId('run-state')).toContainText(/^Stopped after/)
})

test('colours of the output are drawn, and what looks like HTML stays text', async ({
  offloop: { log, line, runCommand },
}) => {
  await runCommand(
    `printf '\\033[31mred\\033[0m <img src=x onerror=alert(1)>\\nprogress 1%%\\rprogress 99%%\\n'`,
  )
  await expect(line(0)).toContainText('red <img src=x onerror=alert(1)>')
  await expect(log.locator('img')).toHaveCount(0)
  await expect(line(1)).toContainText('progress 99%')
  await expect(line(1)).not.toContainText('1%')
})
