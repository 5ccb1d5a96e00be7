import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { dropFiles } from './drop-files.ts'
import { expect, test } from './offloop.ts'

let folder: string
test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offloop-upkeep-'))
})
test.afterEach(() => rm(folder, { recursive: true, force: true }))

test('a database is checked, rewritten, set up and backed up from its maintenance page', async ({
  offloop,
}) => {
  const { page } = offloop
  const file = join(folder, 'shop.db')
  const db = new Database(file)
  db.pragma('foreign_keys = off')
  db.exec(`CREATE TABLE a (x); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
    INSERT INTO a SELECT randomblob(200) FROM n; DELETE FROM a WHERE rowid > 100;
    CREATE TABLE c (id INTEGER PRIMARY KEY); CREATE TABLE d (c REFERENCES c); INSERT INTO d VALUES (7)`)
  db.close()
  await dropFiles(page, [file])
  await page.getByTestId('database-tree').getByText('shop.db').click({ button: 'right' })
  await page.getByTestId('menu-maintain').click()
  const facts = page.getByTestId('database-facts')
  await expect(facts).toContainText(/of which [1-9]/)
  const task = (id: string) => page.getByTestId(`task-${id}`)
  await expect(task('vacuum').getByTestId('run-task')).toBeDisabled()
  await task('integrity').getByTestId('run-task').click()
  await expect(task('integrity').getByTestId('task-outcome')).toHaveText('Nothing wrong was found')
  await task('foreign-keys').getByTestId('run-task').click()
  await expect(task('foreign-keys').getByTestId('task-outcome')).toHaveText('One fault was found')
  await expect(task('foreign-keys')).toContainText('d, 1, c, 0')

  await page.getByTestId('maintenance-mode').click()
  await task('vacuum').getByTestId('run-task').click()
  await expect(task('vacuum').getByTestId('task-outcome')).toContainText('Done in')
  await expect(facts).toContainText('of which 0 are free')
  const version = page.getByTestId('pragma-user_version')
  await version.getByRole('textbox').fill('none')
  await version.getByRole('button').click()
  await expect(version.getByRole('alert')).toContainText('Choose an integer')
  await version.getByRole('textbox').fill('42')
  await version.getByRole('button').click()
  await expect(version.getByRole('button')).toHaveCount(0)
  await page.getByTestId('pragma-journal_mode').getByRole('combobox').selectOption('wal')
  await expect(page.getByTestId('pragma-journal_mode').getByRole('combobox')).toHaveValue('wal')

  await page.getByTestId('backup-file').fill(file)
  await page.getByTestId('start-backup').click()
  await expect(page.getByTestId('backup-outcome')).toContainText('is the database itself')
  const copy = join(folder, 'copy.db')
  await page.getByTestId('backup-file').fill(copy)
  await page.getByTestId('start-backup').click()
  await expect(page.getByTestId('backup-outcome')).toContainText(copy)
  const copied = new Database(copy, { readonly: true })
  expect(copied.pragma('user_version', { simple: true })).toBe(42)
  expect(copied.prepare('SELECT count(*) FROM a').pluck().get()).toBe(100)
  copied.close()
})
