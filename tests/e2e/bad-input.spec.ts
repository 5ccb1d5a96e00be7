import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { dropFiles } from './drop-files.ts'
import { expect, test } from './offloop.ts'

/** Everything that is not as it should be leads to a clear line in the window, and to nothing worse. */

let folder: string
test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offloop-bad-'))
})
test.afterAll(() => rm(folder, { recursive: true, force: true }))

test('a file that is not a database is refused by name, and what was open stays', async ({
  offloop: { page },
}) => {
  const file = join(folder, 'letter.db')
  await writeFile(file, 'Dear Sir or Madam, this is not a database.'.repeat(100))
  await dropFiles(page, [file])
  await expect(page.getByTestId('toast')).toContainText('letter.db could not be opened')
  await expect(page.getByTestId('toast')).toContainText('is not a SQLite database')
  await expect(page.getByTestId('tree-database')).toHaveCount(1)
})

test('a folder is refused', async ({ offloop: { page } }) => {
  const path = join(folder, 'folder.db')
  await mkdir(path, { recursive: true })
  await dropFiles(page, [path])
  await expect(page.getByTestId('toast')).toContainText(/folder/i)
})

test('a file that is gone when its query runs is named, and others go on', async ({ offloop }) => {
  const { page } = offloop
  const file = join(folder, 'soon-gone.db')
  const db = new Database(file)
  db.exec('CREATE TABLE t(a); INSERT INTO t VALUES (1)')
  db.close()
  await dropFiles(page, [file])
  await expect(page.getByTestId('tree-database').filter({ hasText: 'soon-gone.db' })).toBeVisible()
  await rm(file)
  await offloop.quit()
  await offloop.start()
  await offloop.page.getByTestId('query-database').selectOption({ label: 'soon-gone.db' })
  await offloop.runSql('SELECT * FROM t')
  await expect(offloop.page.getByTestId('query-error')).toContainText('soon-gone.db')
  await offloop.page.getByTestId('query-database').selectOption({ label: 'sample.db' })
  await offloop.runSql('SELECT 42')
  await expect(offloop.grid.locator('[data-row="0"][data-column="0"]')).toHaveText('42')
})

test('a database that another program has locked says so within seconds, and the wait can be cancelled', async ({
  offloop,
}) => {
  const { page } = offloop
  const file = join(folder, 'locked.db')
  const holder = new Database(file)
  holder.exec('CREATE TABLE t(a); INSERT INTO t VALUES (1)')
  await dropFiles(page, [file])
  await expect(page.getByTestId('tree-database').filter({ hasText: 'locked.db' })).toBeVisible()
  await page.getByTestId('query-database').selectOption({ label: 'locked.db' })
  holder.exec('BEGIN EXCLUSIVE')

  await offloop.runSql('SELECT * FROM t')
  await expect(page.getByTestId('query-error')).toContainText('locked by another program')

  await offloop.runSql('SELECT a FROM t')
  await expect(offloop.stateLine).toContainText('Running')
  await page.getByTestId('cancel-query').click()
  await expect(offloop.stateLine).toContainText('Stopped')

  holder.exec('COMMIT')
  holder.close()
  await offloop.runSql('SELECT a + 41 FROM t')
  await expect(offloop.grid.locator('[data-row="0"][data-column="0"]')).toHaveText('42')
})

test('wrong SQL is marked where it is wrong', async ({ offloop: { page, runSql } }) => {
  await runSql('SELECT id FROM order_items WHERRE id = 1')
  await expect(page.getByTestId('query-error')).toContainText('syntax error')
  await runSql('SELECT id FROM no_such_table')
  await expect(page.getByTestId('query-error')).toContainText('no such table: no_such_table')
  await expect(page.getByTestId('query-error')).toContainText('SQLITE_ERROR')
})

test('nothing to run, and more than one statement, are told apart from an error of the engine', async ({
  offloop: { page, runSql },
}) => {
  await runSql('-- only a remark')
  await expect(page.getByTestId('query-error')).toContainText('There is no statement to run')
})

test('a command that does not exist, and one whose folder is gone, say so and stay in the history', async ({
  offloop,
}) => {
  const { page } = offloop
  await offloop.show('runs')
  await page.getByTestId('new-command').first().click()
  await page.getByText('A program', { exact: true }).click()
  await page.getByTestId('command-program').fill('no-such-program-anywhere')
  await page.getByTestId('start-command').click()
  await expect(page.getByTestId('run-error').filter({ visible: true })).toContainText(
    'no-such-program-anywhere',
  )

  await offloop.runCommand('echo never', join(folder, 'not', 'here'))
  await expect(page.getByTestId('run-error').filter({ visible: true })).toContainText('not/here')

  await offloop.show('history')
  await expect(page.getByTestId('history-row').filter({ hasText: 'Could not be started' })).toHaveCount(2)
})
