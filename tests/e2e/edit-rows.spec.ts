import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { dropFiles } from './drop-files.ts'
import { expect, test } from './offloop.ts'

let folder: string
let file: string
test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offloop-edits-'))
  file = join(folder, 'shop.db')
  const db = new Database(file)
  db.exec(`
    CREATE TABLE product (id INTEGER PRIMARY KEY, name TEXT, price REAL, stock INTEGER, picture BLOB, loose, twice GENERATED ALWAYS AS (stock * 2));
    INSERT INTO product (id, name, price, stock, picture, loose) VALUES
      (1, 'Tea', 4.5, 10, x'00ff', 9007199254740993),
      (2, 'Coffee' || char(13) || char(10) || 'black', 6, 20, NULL, '1'),
      (3, '牛奶', 1.25, 30, NULL, 1.0),
      (4, 'Bread', 3, 40, NULL, CAST(x'61ff' AS TEXT));
    CREATE VIEW cheap AS SELECT * FROM product WHERE price < 4;
  `)
  db.close()
})
test.afterEach(() => rm(folder, { recursive: true, force: true }))

function query(sql: string): unknown[] {
  const db = new Database(file)
  try {
    return db.prepare(sql).safeIntegers().all()
  } finally {
    db.close()
  }
}

test('rows are edited in place, reviewed as a diff and as SQL, refused where one has changed underneath, and applied', async ({
  offloop,
}) => {
  const { page, grid } = offloop
  const cell = (row: number, column: number) =>
    grid.locator(`[data-row="${row}"][data-column="${column}"]:not([hidden])`)
  const field = page.getByTestId('cell-field')
  await dropFiles(page, [file])
  const table = page.getByTestId('database-tree').getByText('product', { exact: true })
  await table.click({ button: 'right' })
  await page.getByTestId('menu-edit-rows').click()
  await expect(cell(2, 1)).toHaveText('牛奶')
  await cell(2, 1).dblclick()
  await expect(page.getByTestId('cell-editor')).toHaveCount(0)
  await page.getByTestId('allow-changes').click()
  await expect(page.getByTestId('edits-read-only')).toHaveCount(0)

  // A value that is looked at and left is no change, whatever is in it.
  for (const [row, column] of [
    [1, 1],
    [3, 5],
    [0, 5],
  ] as const) {
    await cell(row, column).dblclick()
    await field.press('Enter')
  }
  await expect(page.getByTestId('review-edits')).toHaveCount(0)

  // Typing replaces, a double click changes; Enter and Tab go on.
  await cell(0, 1).click()
  await page.keyboard.press('G')
  await expect(field).toHaveValue('G')
  await field.pressSequentially('reen tea')
  await field.press('Tab')
  await expect(cell(0, 1)).toHaveText('Green tea')
  await expect(cell(0, 1)).toHaveAttribute('data-look', 'changed')
  await page.keyboard.press('5')
  await field.press('Enter')
  await expect(cell(0, 2)).toHaveText('5')
  await cell(1, 1).dblclick()
  await expect(field).toHaveValue('Coffee\nblack')
  await field.fill('Coffee\nwhite')
  await field.press('Enter')
  await cell(2, 4).dblclick()
  await page.getByTestId('cell-form').selectOption('blob')
  await field.fill('xyz')
  await field.press('Enter')
  await expect(page.getByTestId('cell-editor').getByRole('alert')).toBeVisible()
  await field.fill('0xCAFE')
  await field.press('Enter')
  await expect(cell(2, 4)).toContainText('0xCAFE')
  await cell(2, 3).click()
  await page.getByTestId('set-null').click()
  await expect(cell(2, 3)).toHaveText('NULL')
  await cell(0, 6).dblclick()
  await expect(page.getByTestId('toast')).toContainText('computed')
  await page.getByTestId('toast').getByRole('button').click()

  await cell(3, 0).click()
  await page.getByTestId('remove-rows').click()
  await expect(cell(3, 1)).toHaveAttribute('data-look', 'removed')
  await page.getByTestId('undo-edit').click()
  await expect(cell(3, 1)).toHaveAttribute('data-look', '')
  await page.getByTestId('remove-rows').click()
  await page.getByTestId('add-row').click()
  await expect(cell(4, 0)).toHaveText('default')
  await cell(4, 1).click()
  await page.keyboard.press('F2')
  await field.fill('Sugar')
  await field.press('Enter')

  await page.getByTestId('review-edits').click()
  await expect(page.getByTestId('edit')).toHaveCount(5)
  await expect(page.getByTestId('edit').filter({ hasText: 'Green tea' })).toContainText('Tea')
  await page.getByTestId('review').getByText('SQL', { exact: true }).click()
  await expect(page.getByTestId('edits-sql')).toContainText(`UPDATE main."product" SET "name" = 'Green tea'`)

  query(`UPDATE product SET name = 'Espresso' WHERE id = 2 RETURNING 1`)
  await page.getByTestId('apply-edits').click()
  await expect(page.getByTestId('edits-failure')).toContainText('changed')
  await expect(cell(1, 1)).toHaveAttribute('data-look', 'conflict')
  expect(query(`SELECT name FROM product WHERE id = 1`)).toEqual([{ name: 'Tea' }])
  await page.getByTestId('leave-conflicts').click()
  await page.getByTestId('apply-edits').click()
  await expect(page.getByTestId('toast').first()).toContainText('4 rows were changed')
  await expect(cell(1, 1)).toHaveText('Espresso')
  expect(
    query(
      `SELECT id, name, price, stock, hex(picture) AS picture, loose, typeof(loose) AS type FROM product`,
    ),
  ).toEqual([
    {
      id: 1n,
      name: 'Green tea',
      price: 5,
      stock: 10n,
      picture: '00FF',
      loose: 9007199254740993n,
      type: 'integer',
    },
    { id: 2n, name: 'Espresso', price: 6, stock: 20n, picture: '', loose: '1', type: 'text' },
    { id: 3n, name: '牛奶', price: 1.25, stock: null, picture: 'CAFE', loose: 1, type: 'real' },
    { id: 4n, name: 'Sugar', price: null, stock: null, picture: '', loose: null, type: 'null' },
  ])

  await page.getByTestId('edits-condition').fill(`price > 4 AND name LIKE '%tea'`)
  await page.getByTestId('read-rows').click()
  await expect(page.getByTestId('edits-status')).toContainText('1 row in')
  await cell(0, 3).click()
  await page.keyboard.press('7')
  await field.press('Enter')
  await page.getByTestId('close-tab').last().click()
  await page.getByTestId('choose-stay').click()
  await expect(cell(0, 3)).toHaveText('7')
  await page.getByTestId('close-tab').last().click()
  await page.getByTestId('choose-discard').click()
  await expect(page.getByTestId('edited-rows')).toHaveCount(0)
  expect(query(`SELECT stock FROM product WHERE id = 1`)).toEqual([{ stock: 10n }])

  await page.getByTestId('database-tree').getByText('cheap', { exact: true }).click({ button: 'right' })
  await page.getByTestId('menu-edit-rows').click()
  await expect(page.getByTestId('edits-refusal')).toContainText('view')
})
