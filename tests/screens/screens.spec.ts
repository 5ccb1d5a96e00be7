import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright/test'
import { dropFiles } from '../e2e/drop-files.ts'
import { expect, test, type Offloop } from '../e2e/offloop.ts'
import { inEveryLook } from './pictures.ts'

/** Takes a picture of every screen, for people to look at: `npm run screens`. */

/** Something that is not a database. */
const letter = join(tmpdir(), 'letter.txt')

const REVENUE = `-- What was sold, month by month
SELECT substr(orders.ordered_at, 1, 7) AS month, count(*) AS items,
       round(sum(items.quantity * items.unit_price), 2) AS revenue
FROM order_items AS items JOIN orders ON orders.id = items.order_id
GROUP BY month ORDER BY month DESC`
const REVIEWS = `SELECT products.name, products.name_zh, reviews.stars, reviews.body, customers.name AS customer
FROM reviews
JOIN products ON products.id = reviews.product_id
LEFT JOIN customers ON customers.id = reviews.customer_id
ORDER BY reviews.written_at DESC`
const BUILD = `printf '\\033[1mBuilding\\033[0m in release mode\\n'; for i in 1 2 3 4 5 6 7 8; do printf "  \\033[32mok\\033[0m    module $i of 8\\n"; sleep 0.05; done; printf '\\033[33mwarning\\033[0m: 2 files were not reachable\\n\\033[31merror\\033[0m: linking failed: 磁盘空间不足\\n'; exit 2`

test.use({ watchesFrames: false })

inEveryLook('first steps', async (offloop, picture) => {
  const { page } = offloop
  await picture('settings')
  await page.getByTestId('close-tab').last().click()

  await picture('empty')
  await offloop.runSql('SELECT * FROM order_items')
  await expect(offloop.stateSentence).toContainText('1,000,000')
  await picture('query')
  await offloop.runSql(REVIEWS)
  await expect(offloop.grid.locator('[data-row="3"][data-column="3"]')).toBeVisible()
  await offloop.grid.locator('[data-row="3"][data-column="3"]').click()
  await picture('reviews')
  await compareStars(offloop)
  await picture('compared')
  await page.keyboard.press('ControlOrMeta+S')
  await page.getByTestId('saved-name').fill('shop/stars given')
  await page.getByTestId('saved-name').press('Enter')
  await page.keyboard.press('ControlOrMeta+Shift+Y')
  await page.getByTestId('saved-query').waitFor()
  await page.getByTestId('toast').getByRole('button').click()
  await picture('saved-queries')
  await page.getByTestId('result-tab').first().click()
  await page.getByTestId('pin-result').filter({ visible: true }).click()
  await offloop.show('databases')
  await offloop.runSql(REVENUE.replace('GROUP BY', 'GROPU BY'))
  await expect(page.getByTestId('query-error').filter({ visible: true })).toBeVisible()
  await picture('error')
  await writeFile(letter, 'Dear Sir or Madam, this is not a database.')
  await dropFiles(page, [letter])
  await expect(page.getByTestId('toast')).toBeVisible()
  await picture('refused')
  await page.getByTestId('toast').getByRole('button').click()

  await offloop.show('runs')
  await page.getByTestId('new-command').click()
  await picture('new-command')
  await offloop.runCommand(
    'for i in $(seq 1 100000); do echo "step $i of 100000"; sleep 0.02; done',
    tmpdir(),
  )
  await expect(page.getByTestId('run-state').filter({ visible: true })).toBeVisible()
  await offloop.runCommand(BUILD, tmpdir())
  await expect(page.getByTestId('run-state').filter({ visible: true })).toContainText(/(code|退出码) 2/)
  await offloop.line(3).waitFor()
  await picture('command')
  await offloop.show('history')
  await page.getByTestId('history-row').first().waitFor()
  await picture('history')
  await page.getByTestId('frame-meter').click()
  await page.getByTestId('process-panel').waitFor()
  await picture('processes')
  await page.keyboard.press('Escape')
  await openPalette(page)
  await picture('palette')
  await page.keyboard.press('Escape')

  await offloop.show('runs')
  await page.getByTestId('live-run').first().click()
  await page.getByTestId('stop-run').filter({ visible: true }).click()
  await expect(page.getByTestId('live-run')).toHaveCount(0)
})

/** Two results side by side, of which one was pinned. */
async function compareStars({ page, runSql, grid }: Offloop): Promise<void> {
  const lastRow = (row: number) => expect(grid.locator(`[data-row="${row}"]`).first()).toBeVisible()
  await runSql('SELECT id, stars, body FROM reviews ORDER BY id LIMIT 100')
  await lastRow(0)
  await page.getByTestId('pin-result').click()
  await runSql(
    'SELECT id, min(stars + (id % 7 = 0), 5) AS stars, body FROM reviews WHERE id <= 90 ORDER BY id',
  )
  await expect(page.getByTestId('result-tab').nth(1)).toContainText('90')
  await page.keyboard.press('ControlOrMeta+Shift+C')
  await page.getByTestId('compare').locator('.grid-cell[data-look="changed"]').first().waitFor()
}

async function openPalette(page: Page): Promise<void> {
  await page.keyboard.press('F1')
  await page.getByTestId('palette').waitFor()
}
