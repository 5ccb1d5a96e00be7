import { expect, test } from 'playwright/test'
import { fuzzChannels } from '../fuzz/fuzz-channels.ts'
import { openFuzzed, type Fuzzed } from '../fuzz/open-fuzzed.ts'

/** The short form of `node tests/fuzz/fuzz.ts`; another seed now and then finds what this one does not. */
const CALLS = 2_000
const SEED = 1

let fuzzed: Fuzzed
test.beforeAll(async () => {
  fuzzed = await openFuzzed(process.env)
})
test.afterAll(() => fuzzed.close())

test('a page that was taken over ends nothing, hangs nothing, and reaches nothing that it may not, whatever it sends', async () => {
  const { app, page, places } = fuzzed
  const report = await fuzzChannels({ app, page, places, calls: CALLS, seed: SEED })
  console.log(
    `${report.sent} messages: ${JSON.stringify(report.answers)}; programs: ${report.programs.join(' ')}`,
  )
  expect(report.broken).toEqual([])
  expect([...report.faults]).toEqual([])
  expect(report.sent).toBe(CALLS)
  // Most are refused, and some do what they say: both must have been tried.
  expect(report.answers['invalid-params']).toBeGreaterThan(CALLS / 4)
  expect(report.answers['end']).toBeGreaterThan(CALLS / 20)

  await page.reload()
  await expect(page.getByTestId('connection')).toContainText(/Ready|就绪/)
  await page.getByTestId('editor').getByRole('textbox').first().fill('SELECT 6 * 7')
  await page.keyboard.press('ControlOrMeta+Enter')
  await expect(
    page.getByTestId('grid').filter({ visible: true }).locator('[data-row="0"][data-column="0"]'),
  ).toHaveText('42')
})
