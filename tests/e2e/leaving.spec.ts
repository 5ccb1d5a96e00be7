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

  await test.step('in the background it goes on, and another start shows the window again', async () => {
    await close()
    const closed = offloop.page.waitForEvent('close')
    await offloop.page.getByTestId('leaving-background').click()
    await closed
    await offloop.reopen()
    await expect(state()).toContainText('Running')
  })

  await test.step('left running it outlives Offloop, and is taken over', async () => {
    const gone = offloop.app.waitForEvent('close')
    await close()
    await offloop.page.getByTestId('leaving-leave').click()
    await gone
    await offloop.start()
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
