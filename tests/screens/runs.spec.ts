import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ended } from '../cli/offloop.ts'
import { expect, test, type Offloop } from '../e2e/offloop.ts'
import { inEveryLook } from './pictures.ts'

const program = join(import.meta.dirname, '..', '..', 'bin', 'offloop')

test.use({ watchesFrames: false })

/** Runs `offloop` for the profile of the window. */
async function offloop(profile: string, ...words: readonly string[]): Promise<void> {
  const child = spawn(program, words, {
    cwd: tmpdir(),
    env: { ...process.env, OFFLOOP_PROFILE: profile },
  })
  child.stdin.end()
  expect((await ended(child)).status).toBe(0)
}

/** Some work in two pools, with a lock, failures and a line. */
async function makeWork({ profile }: Offloop): Promise<void> {
  const run = (...words: readonly string[]): Promise<void> => offloop(profile, 'run', ...words)
  await offloop(profile, 'pool', 'add', 'builds', '--concurrency', '2', '--capacity', '5')
  for (const [seconds, code] of [
    [1, 0],
    [2, 2],
    [1, 0],
    [200, 0],
    [201, 0],
    [202, 0],
  ] as const)
    await run('--pool', 'builds', '--', 'sh', '-c', `sleep ${seconds}; exit ${code}`)
  await run('--lock', 'gpu', '--', 'sleep', '203')
  await run('--lock', 'gpu', '--pool', 'builds', '--priority', '2', '--', 'sleep', '204')
  await run('--after', '7', '--at', '23:59', '--', 'sleep', '205')
}

inEveryLook('runs', async (window, picture) => {
  const { page } = window
  await makeWork(window)
  await page.keyboard.press('ControlOrMeta+Shift+L')
  const rows = page.getByTestId('runs-row')
  await expect(rows.and(page.locator('[data-state="done"]'))).toHaveCount(2)
  await rows.nth(3).click()
  await rows.nth(5).click({ modifiers: ['Shift'] })
  await page.getByTestId('runs-wait').click()
  await page.getByTestId('wait-start').click()
  await page.getByTestId('wait-unfinished').waitFor()
  await picture('runs')
  await page.getByTestId('runs-view-pools').click()
  await expect(page.getByTestId('lock').getByTestId('run-chip')).toHaveCount(2)
  await picture('pools')
  await page.getByTestId('runs-view-timeline').click()
  await page.getByTestId('timeline-bar').first().waitFor()
  const earliest = page.getByTestId('timeline-view').locator('time').first()
  const before = await earliest.innerText()
  await page.getByTestId('timeline-span').selectOption('5')
  await expect(earliest).not.toHaveText(before)
  await picture('timeline')
  await page.getByTestId('runs-view-table').click()
  await rows.first().dblclick()
  await page.getByTestId('edit-terms').click()
  await picture('why-waiting')

  await window.show('runs')
  await page.getByTestId('new-command').click()
  await page.getByTestId('command-line').fill('./nightly --all')
  await page.getByTestId('when-and-where').locator('summary').click()
  await page.getByTestId('when-and-where').getByTestId('terms-start').selectOption('cron')
  await picture('when-and-where')
  await page.getByTestId('start-command').click()
  await page.getByTestId('schedule').waitFor()
  await picture('schedules')
  await window.show('history')
  await page.getByTestId('query-history').click()
  await expect(window.grid.locator('[data-row="0"]').first()).toBeVisible()
  await picture('query-history')

  const reader = ['sh', '-c', 'head -n 20; exec sleep 206']
  await offloop(window.profile, 'pipe', '--', 'seq', '1', '1000000000', '--into', '--', ...reader)
  await page.keyboard.press('ControlOrMeta+Shift+L')
  await page.getByTestId('runs-view-table').click()
  await rows.first().dblclick()
  await expect(page.getByTestId('pipe-sentence').visible()).toBeVisible()
  await expect(window.log).toContainText('20')
  await picture('pipe')

  // Commands outlive the window.
  await page.keyboard.press('ControlOrMeta+Shift+L')
  await page.getByTestId('runs-list').press('ControlOrMeta+A')
  await page.getByTestId('runs-cancel').click()
  await page.getByTestId('runs-state').selectOption('unfinished')
  await expect(rows).toHaveCount(0)
})
