import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { expect, test } from './offloop.ts'

/** Where pictures for people go, when somebody wants some. */
const PICTURES = process.env['OFFLOOP_PICTURES']

/** The check of accessibility runs long scripts in the page. */
test.use({ watchesFrames: false })

test('what a command prints is searched while it grows, stepped through and left at the keyboard', async ({
  offloop,
}) => {
  const { page, line, runCommand } = offloop
  const findState = page.getByTestId('find-state')
  const marked = (name: string): Promise<string[]> =>
    page.evaluate((key) => [...(CSS.highlights.get(key)?.values() ?? [])].map(String), name)
  await runCommand(
    `for i in $(seq 1 400); do echo "step $i of 400"; done; printf '\\033[31mError\\033[0m: 磁盘 is full\\n'; ` +
      `head -c 100000 /dev/zero | tr '\\0' x; echo needle; until [ -e go-on ]; do sleep 0.1; done; echo "step 401 of 400"; sleep 60`,
    offloop.profile,
  )
  await expect(page.getByTestId('run-state')).toContainText('402 lines')

  await test.step('a word has its places counted and marked, and the first one in view', async () => {
    await page.keyboard.press('ControlOrMeta+f')
    await page.getByTestId('find-text').fill('STEP 2')
    await expect(findState).toContainText('1 of 111')
    await expect(line(1)).toContainText('step 2 of 400')
    await expect.poll(() => marked('log-looked-at')).toEqual(['step 2'])
    await page.keyboard.press('Enter')
    await expect(findState).toContainText('2 of 111')
    await expect(line(19)).toContainText('step 20 of 400')
    await page.keyboard.press('F3')
    await expect(findState).toContainText('3 of 111')
    await expect.poll(async () => (await marked('log-found')).length).toBeGreaterThan(5)
    await page.keyboard.press('Shift+F3')
    await page.keyboard.press('Shift+Enter')
    await expect(findState).toContainText('1 of 111')
    if (PICTURES) await page.screenshot({ path: `${PICTURES}/find.png` })
  })

  await test.step('case, and a regular expression that is none', async () => {
    await page.getByTestId('find-case').click()
    await expect(findState).toContainText('Not found')
    await page.getByTestId('find-regex').click()
    await page.getByTestId('find-text').fill('step (4')
    await expect(findState).toContainText('Correct it and search again')
    await page.getByTestId('find-text').fill('^step 4\\d\\d? of')
    await expect(findState).toContainText('1 of 11')
    await expect.poll(() => marked('log-looked-at')).toEqual(['step 40 of'])
  })

  await test.step('a place that is too far to the right is shown by itself', async () => {
    await page.getByTestId('find-regex').click()
    await page.getByTestId('find-text').fill('needle')
    await expect(page.getByTestId('find-far')).toContainText('xxxneedle')
    await expect(line(401)).toBeVisible()
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze()
    expect(violations).toEqual([])
  })

  await test.step('Escape ends it, and the paused log says what has come since', async () => {
    await page.keyboard.press('Escape')
    await expect(page.getByTestId('find-text')).toHaveCount(0)
    expect(await marked('log-found')).toEqual([])
    await expect(page.getByTestId('log-paused')).toContainText('Paused')
    await writeFile(join(offloop.profile, 'go-on'), '')
    await expect(page.getByTestId('log-paused')).toContainText('1 new line')
    await page.getByTestId('log-paused').click()
    await expect(line(402)).toContainText('step 401')
    await expect(page.getByTestId('log-paused')).toHaveCount(0)
  })

  await test.step('a line by its number, and the first error', async () => {
    await page.keyboard.press('ControlOrMeta+g')
    await page.getByTestId('line-number').fill('999')
    await page.keyboard.press('Enter')
    await expect(page.getByText('There is no line 999; the output has 403 lines.')).toBeVisible()
    await page.getByTestId('line-number').fill('200')
    await page.keyboard.press('Enter')
    await expect(line(199)).toHaveClass(/selected/)
    await page.getByTestId('first-error').click()
    await expect(line(400)).toHaveClass(/selected/)
    await expect(line(400)).toContainText('Error: 磁盘 is full')
    if (PICTURES) await page.screenshot({ path: `${PICTURES}/error.png` })
  })

  await test.step('what it uses of the machine, second by second and in all', async () => {
    await page.getByTestId('show-usage').click()
    await expect(page.getByTestId('usage-words')).toContainText('of processor time in all')
    const graph = page.getByRole('slider', { name: 'Memory' })
    await expect(graph).toHaveAttribute('aria-valuetext', /[1-9].* [kM]B/)
    await graph.press('Home')
    await expect(page.getByTestId('usage-words')).toContainText('after 0 ms')
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze()
    expect(violations).toEqual([])
    if (PICTURES) await page.screenshot({ path: `${PICTURES}/usage.png` })
  })
  await page.getByTestId('stop-run').click()
  await expect(page.getByTestId('run-state')).toContainText(/^Stopped after/)
  const copy = join(offloop.profile, 'copy.log')
  await offloop.app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath })
  }, copy)
  await page.getByTestId('save-output').click()
  await expect(page.getByText(`Saved a copy as ${copy}`)).toBeVisible()
  expect(await readFile(copy, 'utf8')).toContain('step 401 of 400')
  await offloop.app.evaluate(({ shell }) => {
    shell.openPath = (path) => Promise.resolve(`no program for ${path.split('/').slice(-2).join('/')}`)
  })
  await page.getByTestId('open-output').click()
  await expect(page.getByText(/could not be opened: no program for 1\/run-\d+-1\.log/)).toBeVisible()
  // It is kept with the run.
  await expect(page.getByTestId('usage-words')).toContainText('of memory at most')

  await test.step('standard error is told apart, shown alone, and each line has its time', async () => {
    await page.getByTestId('new-command').click()
    await page.getByTestId('command-line').fill('echo out; sleep 0.3; echo wrong >&2')
    await page.getByTestId('command-errors-apart').check()
    await page.getByTestId('start-command').click()
    await expect(line(1)).toContainText('2>wrong')
    await expect(line(0)).not.toContainText('2>')
    await page.getByTestId('line-times').filter({ visible: true }).selectOption('previous')
    await expect(line(1)).toContainText(/\+\d+\.\d/)
    await page.getByTestId('only-errors').click()
    await expect(line(0)).toContainText('wrong')
    await expect(line(1)).toHaveCount(0)
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze()
    expect(violations).toEqual([])
  })

  await test.step('it is compared with the earlier run of the same command', async () => {
    await page.getByTestId('run-again').filter({ visible: true }).click()
    await expect(page.getByTestId('run-state').filter({ visible: true })).toContainText('2 lines')
    await page.getByTestId('compare-earlier').filter({ visible: true }).click()
    await expect(page.getByTestId('diff-summary')).toContainText('No differences')
    await page.getByTestId('diff-only').uncheck()
    await expect(line(0).filter({ visible: true })).toContainText('out')
  })
})
