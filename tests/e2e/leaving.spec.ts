import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from './offloop.ts'

test('closing the window with runs alive asks: stay, keep running in the background, leave them running or stop them', async ({
  offloop,
}) => {
  const question = () => offloop.page.getByTestId('leaving')
  const close = () => offloop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
  const state = () => offloop.page.getByTestId('run-state').filter({ visible: true })

  await test.step('Escape, and Cancel, change nothing', async () => {
    await offloop.runCommand('exec sleep 300')
    await expect(state()).toContainText('Running')
    await close()
    await expect(question()).toContainText('1 command has not ended')
    await offloop.page.keyboard.press('Escape')
    await expect(question()).toHaveCount(0)
    await offloop.app.evaluate(({ app }) => app.quit())
    await offloop.page.getByTestId('leaving-stay').click()
    await expect(question()).toHaveCount(0)
    await expect(state()).toContainText('Running')
  })

  await test.step('the service, ended in the process view, is started again, and knows of the command', async () => {
    const { page } = offloop
    await page.getByTestId('frame-meter').click()
    const rows = page.getByTestId('process-panel').locator('tr')
    const service = rows.and(page.locator('[data-role="service"]'))
    await expect(rows.and(page.locator('[data-role="command"]'))).toContainText('exec sleep 300')
    const pid = await service.getAttribute('data-pid')
    await service.getByTestId('end-process').click()
    await page.getByTestId('end-process-now').click()
    await expect(page.getByTestId('notice')).toContainText('The service was restarted')
    await expect(service).not.toHaveAttribute('data-pid', pid ?? '')
    await expect(service).toContainText('ready')
    await expect(rows.and(page.locator('[data-role="command"]'))).toContainText('Running')
    await page.keyboard.press('Escape')
  })

  await test.step('in the background it goes on; what ends is told, and a click on that shows the window again', async () => {
    await offloop.page.keyboard.press('ControlOrMeta+,')
    const least = offloop.page.getByTestId('setting-notify-minSeconds')
    await least.fill('0')
    await least.press('Tab')
    await offloop.runCommand('until [ -e go ]; do sleep 0.1; done; exit 3', offloop.profile)
    await expect(state()).toContainText('Running')
    await offloop.app.evaluate(({ Notification }) => {
      const shown: Electron.Notification[] = []
      Object.assign(globalThis, { shown })
      Notification.isSupported = () => true
      Notification.prototype.show = function (this: Electron.Notification) {
        shown.push(this)
      }
    })
    await close()
    const closed = offloop.page.waitForEvent('close')
    await offloop.page.getByTestId('leaving-background').click()
    await closed
    await writeFile(join(offloop.profile, 'go'), '')
    const told = () =>
      offloop.app.evaluate(() => {
        const { shown } = globalThis as unknown as { shown: Electron.Notification[] }
        return shown.map(({ title, body }) => `${title}: ${body}`)
      })
    await expect.poll(told).toEqual([expect.stringMatching(/^Failed: until .*exit code 3/su)])
    await offloop.reopen((app) =>
      app.evaluate(() => {
        const { shown } = globalThis as unknown as { shown: Electron.Notification[] }
        shown[0]?.emit('click')
      }),
    )
    await expect(state()).toContainText('exit code 3')
  })

  await test.step('left running it outlives Offloop, and is taken over', async () => {
    const gone = offloop.app.waitForEvent('close')
    await close()
    await offloop.page.getByTestId('leaving-leave').click()
    await gone
    await offloop.start()
    await offloop.page.getByTestId('tab').filter({ hasText: 'exec sleep 300' }).click()
    await expect(state()).toContainText('Running')
  })

  await test.step('stopped they end first; what was chosen for good is in the settings', async () => {
    await close()
    await offloop.page.getByTestId('leaving-remember').check()
    const gone = offloop.app.waitForEvent('close')
    await offloop.page.getByTestId('leaving-stop').click()
    await gone
    await offloop.start()
    await expect(state()).toContainText('Stopped')
    await offloop.page.keyboard.press('ControlOrMeta+,')
    await expect(offloop.page.getByTestId('setting-leaving')).toHaveValue('stop')
    await offloop.page.getByTestId('setting-leaving').selectOption('ask')
  })
})
