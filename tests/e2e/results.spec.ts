import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expectAccessible } from './accessible.ts'
import { expect, test } from './offloop.ts'

/** A million rows of the sample, as its own order has them. */
const ITEMS = 'SELECT id, order_id, product_id, quantity, unit_price FROM order_items'

test('a result of a million rows is sorted, filtered, searched, counted and summed without running its query again', async ({
  offloop,
}) => {
  const { page, grid, app } = offloop
  const cell = (row: number, column: number) =>
    grid.first().locator(`[data-row="${row}"][data-column="${column}"]`)
  const head = (name: string) => grid.first().getByRole('columnheader', { name })
  const bar = page.getByTestId('look-bar')
  const state = page.getByTestId('look-state')
  await offloop.runSql(ITEMS)
  await expect(offloop.stateSentence).toContainText('1,000,000 rows in')

  await head('quantity').click()
  await expect(head('quantity')).toHaveAttribute('aria-sort', 'ascending')
  await head('quantity').click()
  await head('unit_price').click({ modifiers: ['Shift'] })
  await expect(bar.getByTestId('look-sort')).toHaveText('Sorted by quantity ↓, unit_price ↑')
  await expect(state).toHaveText('1,000,000 of 1,000,000 rows')
  const most = Number(await cell(0, 3).textContent())
  expect(most).toBeGreaterThan(1)
  expect(Number(await cell(1, 4).textContent())).toBeGreaterThanOrEqual(
    Number(await cell(0, 4).textContent()),
  )

  await head('quantity').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Filter…' }).click()
  await page.getByTestId('filter-test').selectOption('at-least')
  await page.getByTestId('filter-value').fill('2')
  await page.getByTestId('filter-apply').click()
  await expect(bar.getByTestId('look-filter')).toHaveText('quantity ≥ 2')
  await expect(state).toContainText(/^[\d,]+ of 1,000,000 rows$/)
  await expect(state).not.toHaveText('1,000,000 of 1,000,000 rows')

  await head('quantity').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Values and figures' }).click()
  const panel = page.getByTestId('column-panel')
  await expect(panel.getByTestId('figures')).toContainText('Average')
  await expect(panel.getByTestId('value-count')).toHaveText(`${most - 1} different values`)

  await page.getByTestId('look-clear').click()
  await expect(bar).toHaveCount(0)
  await expect(cell(0, 0)).toHaveText('1')

  await cell(0, 4).click()
  await page.keyboard.press('Shift+ArrowDown')
  await page.getByTestId('sum-cells').click()
  await page.getByTestId('sum-cells').click()
  await expect(panel.getByTestId('figures')).toContainText(/Cells\s*2/)

  await page.getByTestId('find-in-result').fill('no such text')
  await page.getByTestId('find-in-result').press('Enter')
  await expect(page.getByText('No row fits')).toBeVisible()
  await page.getByTestId('look-clear').click()

  await cell(0, 0).click()
  await page.keyboard.press('Shift+ArrowRight')
  await page.getByTestId('copy-as').click()
  await page.getByTestId('result.copyJson').click()
  await expect
    .poll(() => app.evaluate(({ clipboard }) => clipboard.readText()))
    .toMatch(/^\[\n\{"id":1,"order_id":\d+\}\n\]$/)

  await page.getByTestId('chart-result').click()
  const drawing = page.getByTestId('chart-drawing')
  await expect(drawing).toHaveAttribute('aria-label', /1,000,000 rows; /)
  await page.getByText('Histogram', { exact: true }).click()
  await page.getByTestId('chart-x').selectOption('unit_price')
  await expect(drawing).toHaveAttribute('aria-label', /^How often each unit_price occurs\. 1,000,000 rows; /)
  await page.getByTestId('copy-chart').click()
  await expect.poll(() => app.evaluate(({ clipboard }) => clipboard.has('image/png'))).toBe(true)
  const saved = join(offloop.profile, 'chart.png')
  await app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath })
  }, saved)
  await page.getByTestId('save-chart').click()
  await expect.poll(() => readdir(offloop.profile)).toContain('chart.png')
  await page.getByText('Bars', { exact: true }).click()
  await page.getByTestId('chart-x').selectOption('product_id')
  await page.getByTestId('chart-as-table').click()
  await expect(page.getByTestId('chart-table')).toContainText('All others')
  await page.getByTestId('chart-result').click()
  await expect(cell(0, 0)).toHaveText('1')
})

test.describe('with axe looking on', () => {
  test.use({ watchesFrames: false })
  test('a look is stopped at once and leaves the result as it was, and axe finds nothing on it', async ({
    offloop,
  }) => {
    const { page, grid } = offloop
    await offloop.runSql('SELECT id, product_id FROM order_items')
    await expect(offloop.stateSentence).toContainText('1,000,000 rows in')
    await grid.first().locator('[data-row="2"][data-column="1"]').click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Only rows with this value' }).click()
    await expect(page.getByTestId('look-filter')).toHaveText(/^product_id is \d+$/)
    await expect(page.getByTestId('look-state')).toContainText(/^[\d,]+ of 1,000,000 rows$/)
    await page.keyboard.press('F1')
    await page.keyboard.type('values of this column')
    await page.keyboard.press('Enter')
    await expect(page.getByTestId('value-count')).toContainText('different')
    await expectAccessible(page, 'a look')

    await page
      .getByTestId('look-filter')
      .getByRole('button', { name: /^product_id is/ })
      .click()
    await page.getByTestId('filter-test').selectOption('lacks')
    await page.getByTestId('filter-value').fill('no such text')
    await page.getByTestId('filter-value').press('Enter')
    await expect(page.getByTestId('look-filter')).toHaveText('product_id does not contain “no such text”')
    await page.getByTestId('look-clear').click()
    await expect(page.getByTestId('look-bar')).toHaveCount(0)
    await expect(grid.first().locator('[data-row="0"][data-column="0"]')).toHaveText('1')

    await page.getByTestId('column-panel').getByRole('button', { name: 'Close' }).click()
    await page.getByTestId('chart-result').click()
    await expect(page.getByTestId('chart-drawing')).toHaveAttribute('data-drawn', /./)
    await expectAccessible(page, 'a chart')
    await page.getByTestId('chart-as-table').click()
    await expectAccessible(page, 'the table of a chart')
    await page.getByTestId('chart-result').click()
    await offloop.show('history')
    await expect(page.getByTestId('history-row')).toHaveCount(1)
    const results = join(offloop.profile, 'results')
    await expect.poll(async () => (await readdir(results)).sort()).toEqual(['1.index', '1.rows'])
  })
})
