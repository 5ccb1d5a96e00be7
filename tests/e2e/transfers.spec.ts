import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expectAccessible } from './accessible.ts'
import { dropFiles } from './drop-files.ts'
import { expect, test, type Offloop } from './offloop.ts'

/** Values that a careless export or import would change. */
const ALL_KINDS = `SELECT 1 AS id, '007' AS code, NULL AS none, '' AS empty, 9007199254740993 AS large, 1.0 AS real, x'00ff' AS bytes, 'a "b", c' AS quoted
UNION ALL SELECT 2, '1', 'NULL', 'line
break', -9223372036854775808, 0.1, NULL, '数据'`

let folder: string
test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offloop-transfers-'))
})
test.afterAll(() => rm(folder, { recursive: true, force: true }))

/** The next file dialog answers so, as if the person had chosen it. */
async function willSaveAs({ app }: Offloop, path: string): Promise<void> {
  await app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = async () => ({ canceled: false, filePath })
  }, path)
}

test.describe('with axe looking on', () => {
  test.use({ watchesFrames: false })
  test('a result is exported, found again in the history, and imported with every value as it was', async ({
    offloop,
  }) => {
    const { page } = offloop
    const file = join(folder, 'all kinds.csv')
    const own = join(folder, 'own.sqlite')
    new Database(own).exec('CREATE TABLE present (id INTEGER)').close()
    await offloop.runSql(ALL_KINDS)
    await expect(offloop.stateSentence).toContainText('2 rows')
    await page.getByTestId('export-result').click()
    await page.getByTestId('export-quotes').check()
    await expectAccessible(page, 'an export')
    await willSaveAs(offloop, file)
    await page.getByTestId('start-export').click()
    await expect(page.getByTestId('transfer-state')).toContainText('2 rows in')
    await expect(page.getByTestId('transfer-target')).toHaveText(file)
    await expectAccessible(page, 'a transfer')
    expect(await readFile(file, 'utf8')).toContain('"007",,"",9007199254740993,1.0,\\x00ff,"a ""b"", c"')

    await offloop.show('history')
    await page.getByTestId('history-kind').selectOption('transfer')
    await expect(page.getByTestId('history-row')).toHaveCount(1)
    await expect(page.getByTestId('history-row')).toContainText(file)
    await page.getByTestId('close-tab').last().click()
    await page.getByTestId('history-row').click()
    await expect(page.getByTestId('transfer-state')).toContainText('2 rows in')

    await offloop.show('databases')
    await dropFiles(page, [own])
    await page
      .getByTestId('tree-database')
      .filter({ hasText: 'own.sqlite' })
      .getByTestId('database-mode')
      .click()
    await dropFiles(page, [file])
    await page.getByTestId('import-database').selectOption(own)
    await expect(page.getByTestId('import-column')).toHaveCount(8)
    for (const type of await page.getByTestId('import-type').all()) await type.selectOption('any')
    await expectAccessible(page, 'an import')
    await page.getByTestId('import-table').fill('present')
    await page.getByTestId('start-import').click()
    await expect(page.getByTestId('import-missing')).toContainText('There is a table “present” already')
    await page.getByTestId('import-table').fill('again')
    await page.getByTestId('start-import').click()
    await expect(page.getByTestId('transfer-state').filter({ visible: true })).toContainText('2 rows in')
    await page.getByTestId('open-table').click()
    await expect(offloop.stateSentence).toContainText('2 rows')

    const db = new Database(own, { readonly: true })
    const imported = db.prepare('SELECT * FROM again').raw().safeIntegers().all()
    const expected = new Database(':memory:').prepare(ALL_KINDS).raw().safeIntegers().all()
    db.close()
    expect(imported).toEqual(expected)
  })
})

test('an import that fails names the row and leaves nothing; an export that is stopped leaves no file', async ({
  offloop,
}) => {
  const { page } = offloop
  const rows = join(folder, 'broken.csv')
  const wanted = join(folder, 'endless.csv')
  await writeFile(rows, `a,b\n1,2\n3,4,5\n`)
  await dropFiles(page, [rows])
  await expect(page.getByTestId('import-trouble')).toContainText('row 2 (line 3)')
  await page.getByTestId('start-import').click()
  await expect(page.getByTestId('transfer-error')).toContainText('Row 2 (line 3)')
  await expect(page.getByTestId('transfer-error')).toContainText('No row was added to “broken”')

  await offloop.show('databases')
  await page.getByTestId('tree-table').filter({ hasText: 'order_items' }).click({ button: 'right' })
  await page.getByTestId('menu-export').click()
  await page.getByTestId('export-xlsx').check({ force: true })
  await willSaveAs(offloop, wanted)
  await page.getByTestId('start-export').click()
  await expect(page.getByTestId('running-count')).toHaveText('1 running')
  await page.getByTestId('stop-transfer').click()
  await expect(page.getByTestId('transfer-state').filter({ visible: true })).toContainText('Stopped')
  await expect(page.getByTestId('transfer-error').filter({ visible: true })).toContainText(
    `Nothing was left at ${wanted}`,
  )
  expect((await readdir(folder)).filter((name) => name.startsWith('endless'))).toEqual([])
})

test('how long results are kept is a setting, which says what they take now', async ({ offloop }) => {
  const { page } = offloop
  await offloop.runSql('SELECT * FROM reviews')
  await expect(offloop.stateSentence).toContainText('60,000 rows')
  await page.getByTestId('activity-settings').click()
  await expect(page.getByTestId('results-used')).toContainText(/Now one result takes [\d.]+ MB/)
  await page.getByTestId('setting-result-days').fill('7')
  await page.getByTestId('setting-result-days').press('Enter')
  await page.getByTestId('setting-result-size').fill('0')
  await page.getByTestId('setting-result-size').press('Enter')
  await expect(page.getByTestId('toast')).toContainText('at least 0.11 GB')
  await expect(page.getByTestId('setting-result-size')).toHaveValue('10.74')
  await offloop.quit()
  await offloop.start()
  await offloop.page.getByTestId('activity-settings').click()
  await expect(offloop.page.getByTestId('setting-result-days')).toHaveValue('7')
})
