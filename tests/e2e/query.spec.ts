import { expect, test } from './offloop.ts'

const ENDLESS_AGGREGATE = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n`
const ENDLESS_ROWS = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n`

test('a new workspace is useful at once: its sample runs, and every one of its million rows can be reached', async ({
  offloop: { page, grid, stateSentence, runSql },
}) => {
  await runSql('SELECT * FROM order_items')
  await expect(grid.locator('[data-row="0"][data-column="0"]')).toHaveText('1')
  await expect(stateSentence).toContainText('1,000,000 rows in')

  await grid.locator('[data-row="0"][data-column="0"]').click()
  await page.keyboard.press('ControlOrMeta+End')
  await expect(grid.locator('[data-row="999999"][data-column="0"]')).toHaveText('1000000')
  await page.keyboard.press('ControlOrMeta+Home')
  await expect(grid.locator('[data-row="0"][data-column="0"]')).toHaveText('1')

  for (let notch = 0; notch < 20; notch++) await page.mouse.wheel(0, 400)
  await expect(grid.locator('[data-row="0"]')).toHaveCount(0)
  await expect(grid.locator('[data-row="320"][data-column="0"]')).toHaveText('321')
})

test('rows appear while the query still runs, and the count grows', async ({
  offloop: { page, grid, stateLine, stateSentence, runSql },
}) => {
  await runSql(ENDLESS_ROWS)
  await expect(grid.locator('[data-row="5"][data-column="0"]')).toHaveText('6')
  const countNow = async (): Promise<number> =>
    Number(/([\d,]+) rows so far/.exec(await stateLine.innerText())?.[1]?.replaceAll(',', ''))
  const early = await countNow()
  await expect.poll(countNow).toBeGreaterThan(early)
  await page.getByTestId('cancel-query').click()
  await expect(stateSentence).toContainText(/^Stopped after [\d,]+ rows/)
})

test('a statement that would never end is cancelled within a second, and the window says how', async ({
  offloop: { page, stateLine, runSql },
}) => {
  await runSql(ENDLESS_AGGREGATE)
  const cancel = page.getByTestId('cancel-query')
  await expect(cancel).toBeVisible()
  await expect(stateLine).toContainText('Running')
  const startedAt = Date.now()
  await cancel.click()
  // Where the SQLite extension could be built its statement is stopped, and otherwise its process.
  await expect(stateLine).toContainText(/inside the statement|Its process was ended/)
  expect(Date.now() - startedAt).toBeLessThan(1_000)

  await runSql('SELECT 41 + 1 AS answer')
  await expect(page.getByTestId('grid').locator('[data-row="0"][data-column="0"]')).toHaveText('42')
})

test('Escape cancels as well', async ({ offloop: { page, stateLine, runSql } }) => {
  await runSql(ENDLESS_ROWS)
  await expect(stateLine).toContainText(/[1-9][\d,]* rows so far/)
  await page.keyboard.press('Escape')
  await expect(stateLine).toContainText(/^Stopped after/)
})

test('NULL, an empty text, a blob and a text are told apart', async ({ offloop: { grid, runSql } }) => {
  await runSql(`SELECT NULL AS a, '' AS b, x'00ff' AS c, 'NULL' AS d, 9007199254740993 AS e, 1.0 AS f`)
  const cell = (column: number) => grid.locator(`[data-row="0"][data-column="${column}"]`)
  await expect(cell(3)).toHaveText('NULL')
  await expect(cell(4)).toHaveText('9007199254740993')
  await expect(cell(5)).toHaveText('1.0')
  const kinds = await Promise.all([0, 1, 2, 3].map((column) => cell(column).getAttribute('class')))
  expect(new Set(kinds).size).toBe(4)
})
