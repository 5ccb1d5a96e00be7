import { noServer, PASSWORD, startServer, type TestServer } from '../../main/kit/postgres-server-fixture.ts'
import { expect, test } from './offloop.ts'

/** A server's own start and the app's are both in the first test. */
const START_TIMEOUT_MS = 120_000
const CHANGED_PASSWORD = 'another horse'

test.describe('a PostgreSQL server', () => {
  test.skip(noServer !== undefined, noServer ?? '')
  let server: TestServer
  test.beforeAll(async () => {
    test.setTimeout(START_TIMEOUT_MS)
    if (noServer === undefined) server = await startServer()
  })
  test.afterAll(() => server.remove())

  test('is connected to by a form, asks for its password when it is wrong, shows its schemas, and is forgotten', async ({
    offloop,
  }) => {
    let { page } = offloop
    const tree = () => page.getByTestId('database-tree')
    const form = () => page.getByTestId('server-form').filter({ visible: true })
    const row = (name: string) => tree().getByRole('treeitem').filter({ hasText: name })

    await page.getByTestId('connect-server').click()
    await form().getByTestId('server-connect').click()
    await expect(form().getByRole('alert')).toHaveText('Say as which user to connect.')
    await form().getByTestId('server-address').fill(server.address().replace('ann@', 'ann:wrong%20horse@'))
    await form().getByTestId('server-address').blur()
    await expect(form().getByTestId('server-host')).toHaveValue('127.0.0.1')
    await expect(form().getByTestId('server-password')).toHaveValue('wrong horse')
    await form().getByTestId('server-mode').selectOption('read-write')
    await form().getByTestId('server-connect').click()
    await expect(form().getByTestId('server-failure')).toContainText('28P01')
    await form().getByTestId('server-password').fill(PASSWORD)
    await form().getByTestId('server-connect').click()
    await expect(row('postgres (127.0.0.1)')).toBeVisible()
    await expect(form()).toBeHidden()
    // Where the password is depends on the system; that it is said does not.
    await expect(page.getByTestId('toast').first()).toContainText('password')
    await page.getByTestId('toast').first().getByRole('button').click()
    await expect(page.getByTestId('toast')).toHaveCount(0)

    await page.getByTestId('query-database').selectOption({ label: 'postgres (127.0.0.1)' })
    await offloop.runSql(`CREATE SCHEMA sales`)
    await expect(offloop.stateSentence).toContainText('Done')
    await offloop.runSql(`CREATE TABLE sales.customer (id int PRIMARY KEY, name text)`)
    await expect(offloop.stateSentence).toContainText('Done')
    await offloop.runSql(`CREATE TABLE purchase (id int PRIMARY KEY, buyer_id int REFERENCES sales.customer)`)
    await expect(row('purchase')).toBeVisible()
    await page.getByTestId('tree-filter').fill('buyer_id')
    await row('buyer_id').getByTestId('tree-target').click()
    await expect(page.getByTestId('tree-filter')).toHaveValue('')
    await expect(tree().locator('.active')).toContainText('customer')
    await expect(page.getByTestId('tree-schema')).toHaveText([/public/, /sales/])

    // A row is edited in place, refused when somebody has changed it meanwhile, and applied.
    await offloop.runSql(`INSERT INTO sales.customer VALUES (1, 'Ann'), (2, 'Bo')`)
    await expect(offloop.stateSentence).toContainText('2 rows changed')
    await page.getByTestId('tree-filter').fill('customer')
    await row('customer').last().click({ button: 'right' })
    await page.getByTestId('menu-count').click()
    await expect(row('customer').last().getByTestId('table-rows')).toHaveText('2')
    await row('customer').last().click({ button: 'right' })
    await page.getByTestId('menu-edit-rows').click()
    const edited = page.getByTestId('edited-rows')
    const cell = (column: number) => edited.locator(`[data-row="0"][data-column="${column}"]:not([hidden])`)
    await cell(1).click()
    await page.keyboard.type('Anna')
    await page.getByTestId('cell-field').press('Enter')
    await page.getByTestId('review-edits').click()
    await page.getByTestId('review').getByText('SQL', { exact: true }).click()
    await expect(page.getByTestId('edits-sql')).toContainText(
      `UPDATE sales.customer SET "name" = 'Anna' WHERE "id" = 1 AND "name" COLLATE "C" = 'Ann';`,
    )
    await page.getByTestId('apply-edits').click()
    await expect(page.getByTestId('review')).toHaveCount(0)
    await expect(cell(1)).toHaveText('Anna')
    await page.keyboard.press('ControlOrMeta+w')
    await expect(edited).toHaveCount(0)
    await page.getByTestId('tree-filter').fill('')

    // A password that was changed on the server is asked for where a query needs it, and the query is run again with it.
    await offloop.runSql(`ALTER ROLE ann PASSWORD '${CHANGED_PASSWORD}'`)
    await expect(offloop.stateSentence).toContainText('Done')
    await offloop.quit()
    await offloop.start()
    page = offloop.page
    await expect(row('A password is needed')).toBeVisible()
    // A text of several statements has a connection of its own, which asks as well.
    const editor = page.getByTestId('editor').getByRole('textbox')
    await editor.fill('SELECT 1;\nSELECT 40 + 2 AS answer')
    await editor.press('ControlOrMeta+Shift+Enter')
    await expect(page.getByTestId('password-dialog')).toBeVisible()
    await page.getByTestId('password-field').fill(CHANGED_PASSWORD)
    await page.getByTestId('save-password').click()
    await expect(offloop.grid.locator('[data-row="0"][data-column="0"]')).toHaveText('42')
    await expect(page.getByTestId('statements-run')).toHaveText('2 of 2 statements')

    await expect(page.getByTestId('tree-schema')).toHaveText([/public/, /sales/])

    await row('postgres (127.0.0.1)').click({ button: 'right' })
    await page.getByTestId('menu-connection').click()
    await expect(form().getByTestId('server-user')).toHaveValue('ann')
    await form().getByTestId('server-port').fill('1')
    await form().getByTestId('server-connect').click()
    await expect(form().getByTestId('server-failure')).toBeVisible()
    await form().getByTestId('server-port').fill(String(server.port))
    await form().getByTestId('server-database').fill('template1')
    await form().getByTestId('server-connect').click()
    await expect(row('template1 (127.0.0.1)')).toBeVisible()
    await expect(row('postgres (127.0.0.1)')).toBeHidden()
    await row('template1 (127.0.0.1)').click({ button: 'right' })
    await page.getByTestId('menu-forget').click()
    await expect(row('template1 (127.0.0.1)')).toBeHidden()
  })
})
