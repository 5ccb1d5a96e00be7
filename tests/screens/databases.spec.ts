import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { dropFiles } from '../e2e/drop-files.ts'
import { expect, test, type Offloop } from '../e2e/offloop.ts'
import { inEveryLook } from './pictures.ts'

const STATEMENTS = `SELECT count(*) AS items FROM order_items;
SELECT substr(ordered_at, 1, 4) AS year, count(*) AS orders FROM orders GROUP BY year;
SELECT name, name_zh FROM products ORDER BY name LIMIT 20`
const PLAN = `SELECT products.name, sum(items.quantity) AS sold
FROM order_items AS items JOIN products ON products.id = items.product_id
GROUP BY products.name ORDER BY sold DESC`
const PARAMETERS = `SELECT * FROM products WHERE name LIKE :name AND price < :limit`
const ROWS = `code,name,price\n007,Green tea,4.50\n008,"Coffee, black",6\n009,牛奶,1.25\n`

test.use({ watchesFrames: false })

let folder: string
test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offloop-screens-'))
})
test.afterEach(() => rm(folder, { recursive: true, force: true }))

inEveryLook('databases', async (offloop, picture) => {
  const { page, grid } = offloop
  const shop = join(folder, 'shop.db')
  new Database(shop)
    .exec(
      `CREATE TABLE product (id INTEGER PRIMARY KEY, name TEXT, price REAL, stock INTEGER, picture BLOB);
       INSERT INTO product (name, price, stock, picture) VALUES
         ('Tea', 4.5, 10, x'00ff'), ('Coffee', 6, 20, NULL), ('牛奶', 1.25, 30, NULL), ('Bread', 3, 40, NULL)`,
    )
    .close()
  await page.getByTestId('close-tab').last().click()

  await write(offloop, STATEMENTS)
  await page.getByTestId('run-all').click()
  await expect(page.getByTestId('result-tab')).toHaveCount(3)
  await expect(page.getByTestId('run-query')).toBeVisible()
  await picture('several-results')
  await write(offloop, PLAN)
  await page.getByTestId('explain').click()
  await page.getByTestId('plan-step').first().waitFor()
  await picture('plan')
  await offloop.runSql(PARAMETERS)
  await page.getByTestId('parameter-value').first().waitFor()
  await picture('parameters')

  await offloop.runSql('SELECT id, order_id, product_id, quantity, unit_price FROM order_items')
  await expect(offloop.stateSentence).toContainText('1,000,000')
  const head = grid.first().locator('[role="columnheader"]').filter({ hasText: 'quantity' })
  await head.click()
  await expect(page.getByTestId('look-state')).toHaveText(
    /^1,000,000 of 1,000,000 rows$|^1,000,000 行中显示 1,000,000$/,
  )
  await picture('sorted')
  await page.getByTestId('export-result').click()
  await page.getByTestId('start-export').waitFor()
  await picture('export')
  await page.keyboard.press('Escape')

  await dropFiles(page, [shop])
  const database = page.getByTestId('tree-database').filter({ hasText: 'shop.db' })
  await database.getByTestId('database-mode').click()
  await page.getByTestId('toast').first().getByRole('button').click()
  await page.getByTestId('database-tree').getByText('product', { exact: true }).click({ button: 'right' })
  await page.getByTestId('menu-edit-rows').click()
  const cell = (row: number, column: number) =>
    grid.last().locator(`[data-row="${row}"][data-column="${column}"]:not([hidden])`)
  await cell(0, 1).click()
  await page.keyboard.press('F2')
  await page.getByTestId('cell-field').fill('Green tea')
  await page.keyboard.press('Enter')
  await cell(3, 0).click()
  await page.getByTestId('remove-rows').click()
  await page.getByTestId('add-row').click()
  await picture('edited-rows')
  await page.getByTestId('review-edits').click()
  await page.getByTestId('edit').first().waitFor()
  await picture('review-of-edits')
  await page.keyboard.press('Escape')
  // Edits that are left would be asked about when the window closes.
  await page.getByTestId('discard-edits').click()
  await page.getByTestId('choose-discard').click()

  await database.click({ button: 'right' })
  await page.getByTestId('menu-maintain').click()
  await page.getByTestId('task-integrity').getByTestId('run-task').click()
  await page.getByTestId('task-integrity').getByTestId('task-outcome').waitFor()
  await picture('maintenance')
  await page.getByTestId('connect-server').click()
  await page.getByTestId('server-form').waitFor()
  await picture('server')
  const rows = join(folder, 'products.csv')
  await writeFile(rows, ROWS)
  await dropFiles(page, [rows])
  await expect(page.getByTestId('import-column')).toHaveCount(3)
  await picture('import')
})

async function write({ page }: Offloop, sql: string): Promise<void> {
  const editor = page.getByTestId('editor').filter({ visible: true }).getByRole('textbox')
  await editor.click()
  await editor.fill(sql)
}
