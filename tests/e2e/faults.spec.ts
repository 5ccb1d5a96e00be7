import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from './offloop.ts'

const ENDLESS = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n`

test('kill -9 of a query host fails its query at once with a clear line, and the next one works', async ({
  offloop,
}) => {
  const { page, stateLine } = offloop
  await offloop.runSql(ENDLESS)
  await expect(stateLine).toContainText('Running')
  const pid = await offloop.pidOf('query-host')
  const killedAt = Date.now()
  process.kill(pid, 'SIGKILL')
  await expect(page.getByTestId('query-error')).toContainText('ended')
  expect(Date.now() - killedAt).toBeLessThan(1_000)
  await expect(page.getByTestId('notice')).toContainText('ended and will be replaced')

  await offloop.runSql('SELECT 42')
  await expect(offloop.grid.locator('[data-row="0"][data-column="0"]')).toHaveText('42')
})

test('kill -9 of the service: the window lives, a query fails at once, and the command is adopted with its exit code and whole output', async ({
  offloop,
}) => {
  const { page, stateLine } = offloop
  await offloop.runCommand('i=0; while [ $i -lt 60 ]; do i=$((i+1)); echo "line $i"; sleep 0.1; done; exit 5')
  await expect(offloop.line(3)).toContainText('line 4')
  await offloop.show('databases')
  await page.getByTestId('new-query').first().click()
  await offloop.runSql(ENDLESS)
  await expect(stateLine).toContainText('Running')

  const pid = await offloop.pidOf('service')
  const killedAt = Date.now()
  process.kill(pid, 'SIGKILL')
  await expect(page.getByTestId('query-error')).toBeVisible()
  expect(Date.now() - killedAt).toBeLessThan(1_000)
  await expect(page.getByTestId('notice')).toContainText('The service was restarted')
  await expect(page.getByTestId('connection')).toContainText('Ready')

  await offloop.runSql('SELECT 42')
  await expect(offloop.grid.locator('[data-row="0"][data-column="0"]')).toHaveText('42')

  await offloop.show('history')
  const command = page.getByTestId('history-row').filter({ hasText: 'while [ $i -lt 60 ]' })
  await command.dblclick()
  await expect(page.getByTestId('run-state')).toContainText('exit code 5')
  await offloop.log.click()
  await page.keyboard.press('ControlOrMeta+End')
  await expect(offloop.line(59)).toContainText('line 60')

  const expected = Array.from({ length: 60 }, (_, n) => `line ${n + 1}\n`).join('')
  const written = await readFile(join(offloop.profile, 'runs', '1', '1', 'output'))
  expect(sha256(written)).toBe(sha256(Buffer.from(expected)))
})

test('a command outlives the whole app and is found again, still running, at the next start', async ({
  offloop,
}) => {
  await offloop.runCommand('sleep 4; echo still here; sleep 4; exit 9')
  await expect(offloop.page.getByTestId('run-state')).toContainText('Running')
  const closed = offloop.app.waitForEvent('close')
  offloop.app.process().kill('SIGKILL')
  await closed
  await offloop.start()
  await offloop.show('runs')
  await offloop.page.getByTestId('live-run').first().click()
  await expect(offloop.page.getByTestId('run-state')).toContainText('taken over')
  await expect(offloop.line(0)).toContainText('still here')
  await expect(offloop.page.getByTestId('run-state')).toContainText('exit code 9')
})

test('a window whose process is killed comes back, and its runs never noticed', async ({ offloop }) => {
  await offloop.runCommand('sleep 5; exit 4')
  await expect(offloop.page.getByTestId('run-state')).toContainText('Running')
  const crashed = offloop.page.waitForEvent('crash')
  const pid = await offloop.app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId(),
  )
  process.kill(pid ?? 0, 'SIGKILL')
  await crashed
  await expect
    .poll(
      () =>
        offloop.app.evaluate(async ({ BrowserWindow }) => {
          const contents = BrowserWindow.getAllWindows()[0]?.webContents
          if (!contents || contents.isCrashed() || contents.isLoading()) return ''
          return String(await contents.executeJavaScript('document.body.innerText'))
        }),
      { timeout: 10_000 },
    )
    .toContain('Ready')
})

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
