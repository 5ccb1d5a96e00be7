import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { launchFromEnvironment } from '../../scripts/runtime/electron-launch.ts'
import { dropFiles } from './drop-files.ts'
import { expect, test } from './offloop.ts'

const root = join(import.meta.dirname, '..', '..')

let folder: string
let file: string
test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offloop-own-'))
  file = join(folder, 'music.sqlite')
  const db = new Database(file)
  db.exec(`
    CREATE TABLE artist (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
    CREATE TABLE album (id INTEGER PRIMARY KEY, title TEXT, artist_id INTEGER REFERENCES artist(id));
    CREATE TABLE track (id INTEGER PRIMARY KEY, name TEXT, album_id INTEGER REFERENCES album(id), price REAL);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) INSERT INTO artist SELECT i, 'Künstler ' || i FROM n;
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) INSERT INTO album SELECT i, '专辑 ' || i, i % 50 + 1 FROM n;
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO track SELECT i, 'Tab	and "quote" ' || i, i % 500 + 1, 0.99 FROM n;
  `)
  db.close()
})
test.afterAll(() => rm(folder, { recursive: true, force: true }))

test('a database that is dropped on the window can be browsed, joined, scrolled and copied, and is not changed', async ({
  offloop,
}) => {
  const { page, grid } = offloop
  const before = await readFile(file)
  await dropFiles(page, [file])
  const tree = page.getByTestId('database-tree')
  await expect(tree).toContainText('music.sqlite')
  await expect(tree).toContainText('album')
  await tree.getByText('track', { exact: true }).click()
  await page.keyboard.press('ArrowRight')
  await expect(tree).toContainText('price')

  await page.getByTestId('query-database').selectOption({ label: 'music.sqlite' })
  await offloop.runSql(
    'SELECT track.name, album.title, artist.name FROM track JOIN album ON album.id = album_id JOIN artist ON artist.id = artist_id ORDER BY track.id',
  )
  await expect(offloop.stateSentence).toContainText('5,000 rows')
  await expect(grid.locator('[data-row="0"][data-column="1"]')).toHaveText('专辑 2')

  await grid.locator('[data-row="0"][data-column="0"]').click()
  await page.keyboard.press('Shift+ArrowDown')
  await page.keyboard.press('Shift+ArrowRight')
  await page.keyboard.press('ControlOrMeta+C')
  await expect
    .poll(() => offloop.app.evaluate(({ clipboard }) => clipboard.readText()))
    .toBe('"Tab\tand ""quote"" 1"\t专辑 2\n"Tab\tand ""quote"" 2"\t专辑 3')

  await page.keyboard.press('ControlOrMeta+End')
  await expect(grid.locator('[data-row="4999"][data-column="2"]')).toHaveText('Künstler 2')

  expect(await readdir(folder)).toEqual(['music.sqlite'])
  expect((await readFile(file)).equals(before)).toBe(true)
})

test('files and links that the system hands over are shown in the window that is there, and a link does nothing more', async ({
  offloop,
}) => {
  const { page, profile } = offloop
  const { executable, args, env } = launchFromEnvironment(process.env)
  const startAgain = async (...words: readonly string[]): Promise<unknown> => {
    const again = spawn(executable, [...args, root, ...words], {
      cwd: folder,
      env: { ...process.env, ...env, OFFLOOP_PROFILE: profile },
    })
    return (await once(again, 'exit'))[0]
  }
  expect(await startAgain('music.sqlite', 'offloop://run/4711', 'offloop://stop/1')).toBe(0)
  await expect(page.getByTestId('database-tree')).toContainText('music.sqlite')
  await expect(page.getByTestId('toast').filter({ hasText: 'Run 4711 could not be shown' })).toBeVisible()
  await expect(
    page.getByTestId('toast').filter({ hasText: '“offloop://stop/1” was not understood' }),
  ).toBeVisible()
  await offloop.runCommand('echo from a link', folder)
  await expect(offloop.line(0)).toContainText('from a link')
  await page.getByTestId('close-tab').last().click()
  await expect(offloop.log).toHaveCount(0)
  expect(await startAgain('offloop://run/1')).toBe(0)
  await expect(offloop.line(0)).toContainText('from a link')
})

test('a table opens with a double click, and writing to a read-only database is refused', async ({
  offloop,
}) => {
  const { page } = offloop
  await dropFiles(page, [file])
  await page.getByTestId('database-tree').getByText('artist', { exact: true }).dblclick()
  await expect(offloop.grid.locator('[data-row="0"][data-column="1"]')).toHaveText('Künstler 1')
  await offloop.runSql('DELETE FROM artist')
  await expect(page.getByTestId('query-error').filter({ visible: true })).toContainText(/read-?only/i)
})
