import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from './offloop.ts'

const MANY = 10_000

/** Puts commands into the history that have ended long ago, as many as somebody collects in a year. */
function addHistory(profile: string): void {
  const database = new Database(join(profile, 'offloop.db'))
  const insert = database.prepare(
    `INSERT INTO runs (kind, created_at, spec, state_kind, state, progress, terms)
     VALUES ('command', @at, @spec, 'done', @state, '{"bytes":0,"lines":0}', NULL)`,
  )
  database.transaction(() => {
    for (let n = 0; n < MANY; n += 1) {
      const at = Date.now() - (MANY - n) * 60_000
      const command = { kind: 'shell', line: `make part-${n}` }
      const times = { startedAt: at, endedAt: at + n, durationMs: n }
      insert.run({
        at,
        spec: JSON.stringify({ kind: 'command', command, folder: '/', environment: {} }),
        state: JSON.stringify({ kind: 'done', ...times }),
      })
    }
  })()
  database.close()
}

// On a machine that is short of processors filling a whole table takes a long frame: how long is a benchmark's to say.
test.use({ watchesFrames: false })

test('10,000 runs stand in a table that is found in, sorted and acted on by the keyboard', async ({
  offloop: { page, profile, runCommand },
}) => {
  addHistory(profile)
  await page.keyboard.press('ControlOrMeta+Shift+L')
  const rows = page.getByTestId('runs-row')
  await expect(page.getByTestId('runs-summary')).toHaveText(`10,000 runs`)
  await expect(rows.first()).toContainText('make part-9999')
  const list = page.getByTestId('runs-list')
  await list.press('End')
  await expect(rows.last()).toContainText('make part-0')
  await list.press('Home')
  await page.getByTestId('sort-duration').click()
  await expect(rows.first()).toContainText('make part-0')
  await page.getByTestId('runs-text').fill('part-123')
  await expect(page.getByTestId('runs-summary')).toHaveText('11 runs')
  await page.getByTestId('runs-text').fill('sleep')

  await runCommand('sleep 300')
  await page.getByTestId('run-state').filter({ visible: true }).waitFor()
  await runCommand('sleep 301')
  await page.getByTestId('run-state').filter({ visible: true }).waitFor()
  await page.keyboard.press('ControlOrMeta+Shift+L')
  await expect(rows).toHaveCount(2)
  await list.press('Home')
  await list.press('Shift+End')
  await expect(page.getByTestId('runs-cancel')).toHaveText('Cancel (2)')

  // Waiting itself cancels nothing; the rest is cancelled because that was asked for.
  await page.getByTestId('runs-wait').click()
  await page.getByTestId('wait-deadline').fill('0.2')
  await page.getByTestId('wait-unit').selectOption('seconds')
  await page.getByTestId('wait-start').click()
  await expect(page.getByTestId('wait-summary')).toHaveText('The wait is over: 0 finished, 2 unfinished')
  await expect(rows.and(page.locator('[data-state="running"]'))).toHaveCount(2)
  await list.press('Delete')
  await expect(page.getByTestId('toast').filter({ hasText: 'means nothing' })).toBeVisible()
  await page.getByTestId('runs-cancel').click()
  await expect(rows.and(page.locator('[data-state="cancelled"]'))).toHaveCount(2)
})
