import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { noServer, PASSWORD, startServer, type TestServer } from '../../main/kit/postgres-server-fixture.ts'
import { dropFiles } from './drop-files.ts'
import { expect, test, type Offloop } from './offloop.ts'

/** A server's own start is in the first test that needs it. */
const SERVER_START_TIMEOUT_MS = 120_000

let folder: string
test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offloop-tab-'))
})
test.afterAll(() => rm(folder, { recursive: true, force: true }))

/** Opens a new database with one table of 1,000 rows, and chooses it in the query tab. @returns what others see of it. */
async function openShop({ page }: Offloop, name: string): Promise<() => unknown> {
  const path = join(folder, name)
  const made = new Database(path)
  made.exec(`CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, price INTEGER);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
    INSERT INTO item SELECT i, 'item ' || i, i % 7 FROM n`)
  made.close()
  await dropFiles(page, [path])
  const row = page.getByTestId('tree-database').filter({ hasText: name })
  await row.getByTestId('database-mode').click()
  await expect(page.getByTestId('toast').filter({ hasText: 'can be changed now' })).toBeVisible()
  await page.getByTestId('query-database').selectOption({ label: name })
  return () => {
    const other = new Database(path, { readonly: true })
    const seen: unknown = other.prepare('SELECT sum(price) FROM item').pluck().get()
    other.close()
    return seen
  }
}

async function write({ page }: Offloop, sql: string): Promise<void> {
  const editor = page.getByTestId('editor').filter({ visible: true }).getByRole('textbox')
  await editor.click()
  await editor.fill(sql)
}

test('several statements run one after the other, each with its own result, and the first error stops the rest', async ({
  offloop,
}) => {
  const { page, grid } = offloop
  await openShop(offloop, 'several.db')
  const cell = grid.locator('[data-row="0"][data-column="0"]')
  const results = page.getByTestId('result-tab')

  await test.step('the statement at the cursor is marked, and runs alone', async () => {
    await write(offloop, `SELECT 11;\n\nSELECT 22\n  AS two;\nSELECT ';' AS three`)
    await page.keyboard.press('ControlOrMeta+Home')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await expect(page.locator('.cm-sql-current')).toHaveText(['SELECT 22', '  AS two;'])
    await page.keyboard.press('ControlOrMeta+Enter')
    await expect(cell).toHaveText('22')
    await expect(results).toHaveCount(0)
  })

  await test.step('the text is set in lines, which one key takes back, and what cannot be is told', async () => {
    const lines = page.getByTestId('editor').locator('.cm-line')
    await write(offloop, 'select id,price from item where id=1;\nselect from (((')
    await page.keyboard.press('ControlOrMeta+K')
    const formatted = [
      'select',
      '  id,',
      '  price',
      'from',
      '  item',
      'where',
      '  id = 1;',
      'select from (((',
    ]
    await expect(lines).toHaveText(formatted)
    const told = page.getByTestId('toast').filter({ hasText: 'stays as it was' })
    await expect(told).toContainText('line 8')
    await told.getByRole('button').click()
    await page.getByTestId('editor').getByRole('textbox').press('ControlOrMeta+Z')
    await expect(lines).toHaveCount(2)
  })

  await test.step('a query is saved in a folder, found, moved, and opened again', async () => {
    const editor = page.getByTestId('editor').filter({ visible: true })
    const name = page.getByTestId('saved-name')
    await write(offloop, 'SELECT 42 AS answer')
    await page.keyboard.press('ControlOrMeta+S')
    await name.fill('checks//answer')
    await name.press('Enter')
    await expect(page.getByTestId('saved-refused')).toBeVisible()
    await name.fill('checks/answer')
    await name.press('Enter')
    await expect(name).toHaveCount(0)
    await expect(page.getByTestId('tab').filter({ hasText: 'answer' })).toHaveCount(1)
    await write(offloop, 'SELECT 43 AS answer')
    await page.keyboard.press('ControlOrMeta+S')
    await page.keyboard.press('ControlOrMeta+Shift+Y')
    await page.getByTestId('saved-search').fill('43')
    await expect(page.getByTestId('saved-query')).toContainText('SELECT 43 AS answer')
    await page.getByTestId('saved-query').getByTestId('saved-rename').click()
    await name.fill('answers/the answer')
    await name.press('Enter')
    await expect(page.getByTestId('saved-folder')).toHaveText('answers')
    await expect(page.getByTestId('tab').filter({ hasText: 'the answer' })).toHaveCount(1)
    await page.keyboard.press('ControlOrMeta+T')
    await page.getByTestId('saved-query').getByText('the answer').click()
    await expect(editor).toContainText('SELECT 43 AS answer')
    await page.getByTestId('saved-query').getByTestId('saved-delete').click()
    await page.getByTestId('choose-delete').click()
    await expect(page.getByTestId('saved-query')).toHaveCount(0)
    await expect(editor).toContainText('SELECT 43 AS answer')
    await page.keyboard.press('ControlOrMeta+PageDown')
    await page.keyboard.press('ControlOrMeta+W')
    await expect(page.getByTestId('tab')).toHaveCount(1)
    await page.keyboard.press('ControlOrMeta+Shift+D')
  })

  await test.step('a tab runs its statements in a pool when it is told to, one at a time, and remembers that', async () => {
    await page.getByTestId('place').click()
    await page.getByTestId('place-pool').selectOption('default')
    await page.getByTestId('place-locks').fill('shop')
    await page.keyboard.press('Escape')
    await expect(page.getByTestId('place')).toContainText('Pool default')
    await offloop.runSql('SELECT count(*) FROM item')
    await expect(cell).toHaveText('1000')
    await expect(page.getByTestId('run-query')).toBeVisible()
    await write(offloop, 'SELECT 1; SELECT 2')
    await page.keyboard.press('ControlOrMeta+Shift+Enter')
    const told = page.getByTestId('toast').filter({ hasText: 'Only one statement at a time' })
    await told.getByRole('button').click()
    await page.getByTestId('place').click()
    await expect(page.getByTestId('place-locks')).toHaveValue('shop')
    await page.getByTestId('place-pool').selectOption({ index: 0 })
    await page.keyboard.press('Escape')
  })

  await test.step('a query that waits says why in place of its rows, and can be held back and let go there', async () => {
    const seen = (id: string) => page.getByTestId(id).filter({ visible: true })
    const standInPool = async (): Promise<void> => {
      await seen('place').click()
      await page.getByTestId('place-pool').selectOption('default')
      await page.getByTestId('place-locks').fill('shop')
      await page.keyboard.press('Escape')
    }
    await standInPool()
    await offloop.runSql(
      'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n',
    )
    await expect(seen('cancel-query')).toBeVisible()
    await page.keyboard.press('ControlOrMeta+T')
    await standInPool()
    await write(offloop, 'SELECT 44 AS waited')
    await page.keyboard.press('ControlOrMeta+Enter')
    await expect(seen('waiting-reason')).toContainText('shop')
    await seen('hold-run').click()
    await expect(seen('why-waiting')).toContainText('Held until you let it go')
    await seen('hold-run').click()
    await seen('open-awaited').click()
    await expect(page.getByTestId('tab')).toHaveCount(3)
    await seen('cancel-query').click()
    await page.keyboard.press('ControlOrMeta+W')
    await expect(cell.filter({ visible: true })).toHaveText('44')
    await page.keyboard.press('ControlOrMeta+W')
    await expect(page.getByTestId('tab')).toHaveCount(1)
    await page.getByTestId('place').click()
    await page.getByTestId('place-pool').selectOption({ index: 0 })
    await page.keyboard.press('Escape')
  })

  await test.step('a pinned result is there after the next run, and stands beside that with what differs marked', async () => {
    await offloop.runSql('SELECT id, price FROM item ORDER BY id')
    await expect(cell).toHaveText('1')
    await expect(page.getByTestId('run-query')).toBeVisible()
    await page.getByTestId('pin-result').click()
    await offloop.runSql('SELECT id, price + (id = 2) AS price FROM item WHERE id < 4 ORDER BY id')
    await expect(results).toHaveCount(2)
    await expect(results.nth(1)).toContainText('3 rows')
    await page.keyboard.press('ControlOrMeta+Shift+C')
    const compared = page.getByTestId('compare')
    await expect(compared.locator('.grid-cell[data-look="changed"]')).toHaveCount(2)
    await expect(compared).toContainText('1,000 rows')
    await compared.locator('[role="grid"]').first().press('ControlOrMeta+End')
    await expect(compared.locator('.grid-cell[data-row="999"]').first()).toBeVisible()
    await results.first().click()
    await page.getByTestId('pin-result').filter({ visible: true }).click()
    await expect(results).toHaveCount(0)
  })

  await test.step('all of them share a connection, and each has its rows and its time', async () => {
    await write(
      offloop,
      `CREATE TEMP TABLE dear AS SELECT * FROM item WHERE price > 5;\nSELECT count(*) AS n FROM dear;\nSELECT id FROM item`,
    )
    await page.getByTestId('run-all').click()
    await expect(results).toHaveCount(3)
    await expect(results.nth(2)).toContainText(/SELECT id FROM item.*1,000 rows/)
    await expect(page.getByTestId('statements-run')).toHaveText('3 of 3 statements')
    await expect(page.getByTestId('run-query')).toBeVisible()
    await results.nth(1).click()
    await expect(cell).toHaveText('143')
    await results.nth(2).click()
    await cell.click()
    await page.keyboard.press('ControlOrMeta+End')
    await expect(grid.locator('[data-row="999"][data-column="0"]')).toHaveText('1000')
  })

  await test.step('an error says which statement it is in and where, and those behind it do not run', async () => {
    await write(offloop, `SELECT 1;\nSELECT id\n  FROM itemm;\nINSERT INTO item VALUES (5000, 'never', 1)`)
    await page.keyboard.press('ControlOrMeta+Shift+Enter')
    const error = page.getByTestId('query-error').filter({ visible: true })
    await expect(error).toContainText('no such table: itemm')
    await expect(error).toContainText('SQLITE_ERROR')
    await expect(error.getByTestId('error-place')).toHaveText('Statement 2 of 3 · line 3, column 8')
    await expect(page.locator('.cm-sql-error')).toHaveText('itemm')
    await expect(results).toHaveCount(2)
    await offloop.runSql('SELECT count(*) FROM item')
    await expect(cell).toHaveText('1000')
  })

  await test.step('a plan marks what reads everything and what has to be sorted first', async () => {
    await write(offloop, 'SELECT * FROM item WHERE id = 5; SELECT name FROM item ORDER BY name')
    await page.keyboard.press('ControlOrMeta+Shift+E')
    const steps = page.getByTestId('plan-step')
    await expect(steps.filter({ hasText: 'SCAN item' })).toContainText('full scan')
    await expect(steps.filter({ hasText: 'ORDER BY' })).toContainText('temporary b-tree')
    await page.keyboard.press('ControlOrMeta+Home')
    await page.getByTestId('explain').click()
    await expect(steps).toHaveCount(1)
    await expect(steps).toHaveAttribute('data-scan', 'false')
    await write(offloop, 'SELECT * FROM item WHERE missing_one = 1')
    await page.getByTestId('explain').click()
    await expect(page.getByTestId('plan-error')).toContainText('no such column: missing_one')
    await expect(page.locator('.cm-sql-error')).toHaveText('missing_one')
  })

  await test.step('a limit of rows ends a query, which says so', async () => {
    await page.getByTestId('budget').click()
    await page.getByTestId('budget-rows').fill('10')
    await page.keyboard.press('Enter')
    await offloop.runSql('SELECT * FROM item')
    await expect(offloop.stateSentence).toHaveText(
      /^10 rows in .*; ended at its limit of rows, there may be more$/,
    )
    await page.getByTestId('budget').click()
    await page.getByTestId('budget-rows').fill('')
    await page.getByTestId('budget-timeoutMs').fill('0.3')
    await page.keyboard.press('Enter')
    await offloop.runSql(
      'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n',
    )
    await expect(offloop.stateSentence).toContainText('it had been given 300 ms')
  })
})

test('parameters are asked for in a form, exact, and remembered after a restart', async ({ offloop }) => {
  let { page } = offloop
  const parameter = (name: string) => page.locator(`[data-parameter="${name}"]`)
  const cell = (column: number) => offloop.grid.locator(`[data-row="0"][data-column="${column}"]`)
  await offloop.runSql('SELECT :who AS who, typeof(:many), :many + 0, hex(:bytes), :none IS NULL, :who')

  await expect(parameter('who').getByTestId('parameter-value')).toBeFocused()
  await expect(parameter('who').getByRole('alert')).toHaveText('Type a value, or choose NULL')
  await page.keyboard.type(`Robert'); DROP TABLE item; --`)
  await parameter('many').getByTestId('parameter-kind').selectOption('number')
  await parameter('many').getByTestId('parameter-value').fill('9007199254740993')
  await parameter('none').getByTestId('parameter-kind').selectOption('null')
  await parameter('bytes').getByTestId('parameter-kind').selectOption('blob')
  await parameter('bytes').getByTestId('parameter-value').fill('0')
  await page.keyboard.press('Enter')
  await expect(parameter('bytes').getByRole('alert')).toHaveText('Pairs of 0–9 and a–f')
  await parameter('bytes').getByTestId('parameter-value').fill('00ff')
  await page.keyboard.press('Enter')
  await expect(cell(0)).toHaveText(`Robert'); DROP TABLE item; --`)
  await expect(cell(1)).toHaveText('integer')
  await expect(cell(2)).toHaveText('9007199254740993')
  await expect(cell(3)).toHaveText('00FF')
  await expect(cell(4)).toHaveText('1')

  await offloop.quit()
  await offloop.start()
  page = offloop.page
  await offloop.runSql('SELECT :who || :many')
  await expect(cell(0)).toHaveText(`Robert'); DROP TABLE item; --9007199254740993`)
})

test('a pinned result is there after a restart, and stays when others are run', async ({ offloop }) => {
  const results = () => offloop.page.getByTestId('result-tab')
  await offloop.runSql('SELECT 1 AS first')
  await expect(offloop.page.getByTestId('pin-result')).toBeVisible()
  await offloop.page.getByTestId('pin-result').click()
  await offloop.runSql('SELECT 2 AS second')
  await expect(results()).toHaveCount(2)
  await expect(offloop.page.getByTestId('run-query')).toBeVisible()

  await offloop.quit()
  await offloop.start()
  await expect(results()).toHaveCount(2)
  await expect(results().first()).toContainText('SELECT 1 AS first')
  await offloop.runSql('SELECT 3 AS third')
  await expect(results().nth(1)).toContainText('SELECT 3 AS third')
  await expect(results()).toHaveCount(2)
  await expect(results().first()).toContainText('SELECT 1 AS first')
})

test('a transaction stays in sight until the person ends it, and leaving asks', async ({ offloop }) => {
  const seen = await openShop(offloop, 'manual.db')
  const { page, stateSentence } = offloop
  const before = seen()
  const bar = page.getByTestId('transaction')
  const question = page.getByTestId('question')

  await test.step('the first change begins it, nothing is committed by itself', async () => {
    await page.getByTestId('connection-menu').click()
    await page.getByTestId('connection-manual').click()
    await offloop.runSql('SELECT count(*) FROM item')
    await expect(stateSentence).toContainText('1 row')
    await expect(bar).toHaveCount(0)
    await offloop.runSql('UPDATE item SET price = 100')
    await expect(bar).toContainText('Transaction open since')
    await offloop.runSql('UPDATE item SET price = price + 1 RETURNING price')
    await expect(bar).toContainText('2 statements')
    await expect(stateSentence).toContainText('1,000 rows in')
    await expect(page.getByTestId('query-database')).toBeDisabled()
    expect(seen()).toBe(before)
    await page.getByTestId('commit').click()
    await expect(bar).toHaveCount(0)
    expect(seen()).toBe(101_000)
  })

  await test.step('closing the tab asks; staying changes nothing, rolling back undoes it', async () => {
    await offloop.runSql('DELETE FROM item')
    await expect(bar).toBeVisible()
    await page.keyboard.press('ControlOrMeta+W')
    await expect(question).toContainText('A transaction is open in this tab')
    await page.keyboard.press('Escape')
    await expect(question).toHaveCount(0)
    await expect(bar).toContainText('one statement')
    await page.getByTestId('close-tab').first().click()
    await page.getByTestId('choose-roll-back').click()
    await expect(bar).toHaveCount(0)
    await expect(page.getByTestId('tab')).toHaveCount(0)
    expect(seen()).toBe(101_000)
  })

  await test.step('a text that leaves a transaction open shows it, and quitting asks too', async () => {
    await page.keyboard.press('ControlOrMeta+T')
    await page.getByTestId('query-database').selectOption({ label: 'manual.db' })
    await write(offloop, 'BEGIN;\nUPDATE item SET price = 1;\nSELECT 1')
    await page.keyboard.press('ControlOrMeta+Shift+Enter')
    await expect(bar).toContainText('3 statements')
    await expect(page.getByTestId('connection-menu')).toHaveAttribute('data-choice', 'own')
    await offloop.app.evaluate(({ app }) => app.quit())
    await page.getByTestId('choose-stay').click()
    await expect(question).toHaveCount(0)
    await expect(bar).toContainText('3 statements')
    expect(seen()).toBe(101_000)

    const closed = offloop.app.waitForEvent('close')
    await offloop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
    await page.getByTestId('choose-commit').click()
    await closed
    expect(seen()).toBe(1_000)
  })
  await offloop.start()
})

test.describe('on a PostgreSQL server', () => {
  test.skip(noServer !== undefined, noServer ?? '')
  let server: TestServer
  test.beforeAll(async () => {
    test.setTimeout(SERVER_START_TIMEOUT_MS)
    if (noServer === undefined) server = await startServer()
  })
  test.afterAll(() => server.remove())

  test('statements share a session, messages are shown, and a failed transaction can only be rolled back', async ({
    offloop,
  }) => {
    const { page, grid } = offloop
    const bar = page.getByTestId('transaction')
    const results = page.getByTestId('result-tab')
    const cell = grid.locator('[data-row="0"][data-column="0"]')
    await page.getByTestId('connect-server').click()
    const form = page.getByTestId('server-form')
    await form.getByTestId('server-address').fill(server.address())
    await form.getByTestId('server-address').blur()
    await form.getByTestId('server-password').fill(PASSWORD)
    await form.getByTestId('server-mode').selectOption('read-write')
    await form.getByTestId('server-connect').click()
    await expect(form).toBeHidden()
    await page.getByTestId('query-database').selectOption({ label: 'postgres (127.0.0.1)' })

    await write(
      offloop,
      `CREATE TEMP TABLE mine (a int PRIMARY KEY);
INSERT INTO mine SELECT generate_series(1, 3);
DO $$ BEGIN RAISE NOTICE 'half way'; END $$;
SELECT a::text FROM mine WHERE a > :least`,
    )
    await page.keyboard.press('ControlOrMeta+Shift+Enter')
    await page.getByTestId('parameter-kind').selectOption('number')
    await page.getByTestId('parameter-value').fill('1')
    await page.getByTestId('parameter-value').press('Enter')
    await expect(page.getByTestId('statements-run')).toHaveText('4 of 4 statements')
    await expect(cell).toHaveText('2')
    await results.filter({ hasText: 'Messages' }).click()
    await expect(page.getByTestId('messages')).toContainText('half way')

    await expect(page.getByTestId('connection-menu')).toBeEnabled()
    await page.getByTestId('connection-menu').click()
    await page.getByTestId('connection-manual').click()
    await offloop.runSql('CREATE TABLE kept (a int PRIMARY KEY)')
    await expect(bar).toContainText('one statement')
    await expect(page.getByTestId('run-query')).toBeVisible()
    await offloop.runSql('SELECT * FROM nowhere')
    await expect(bar).toContainText('has failed')
    await expect(page.getByTestId('query-error')).toContainText('42P01')
    await expect(page.locator('.cm-sql-error')).toHaveText('nowhere')
    await expect(page.getByTestId('commit')).toHaveCount(0)
    await page.getByTestId('roll-back').click()
    await expect(bar).toHaveCount(0)
    await offloop.runSql(`SELECT coalesce(to_regclass('kept')::text, 'nothing was kept')`)
    await expect(cell).toHaveText('nothing was kept')

    // A transaction that the server ends by itself is not called open any longer, and nobody has to find out by a commit.
    await expect(page.getByTestId('run-query')).toBeVisible()
    await offloop.runSql('CREATE TABLE kept (a int PRIMARY KEY)')
    await expect(bar).toContainText('one statement')
    await expect(page.getByTestId('run-query')).toBeVisible()
    await offloop.runSql(`SET idle_in_transaction_session_timeout = '1s'`)
    const lost = page.getByTestId('lost-transaction')
    await expect(lost).toContainText('was rolled back')
    await expect(bar).toHaveCount(0)
    await page.getByTestId('dismiss-lost').click()
    await expect(lost).toHaveCount(0)
  })
})
