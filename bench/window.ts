import type { Page } from 'playwright'
import type { BigTable } from './big-table.ts'

/** What a person does in the window, with the keyboard. */

/** Opens a new query tab on the large table's database, with the cursor in its editor. */
export async function openQueryTab(page: Page, { path }: BigTable): Promise<void> {
  await page.evaluate((database) => window.bench.openDatabase(database), path)
  await page.keyboard.press('Control+T')
  await page.locator('[data-testid="query-database"]:visible').selectOption(path)
  await page.locator('[data-testid="editor"]:visible .cm-content').click()
}

/** Replaces the text of the editor that has the cursor. */
export async function writeQuery(page: Page, sql: string): Promise<void> {
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText(sql)
}

/** Waits until the shown query tab can run a query again: the one before is over. */
export async function queryIsOver(page: Page): Promise<void> {
  await page.locator('[data-testid="run-query"]:visible').waitFor()
}

/**
 * Reads the table with one more column in front, and waits until the query is over.
 * @param mark a text that only this query returns, in that column.
 * @returns milliseconds from pressing the keys until the first row is painted.
 */
export async function timeOnScreen(page: Page, { sql }: BigTable, mark: string): Promise<number> {
  await writeQuery(page, sql.replace('*', `'${mark}' AS mark, *`))
  await page.evaluate((text) => window.bench.timeFirstRow(text), mark)
  await page.keyboard.press('Control+Enter')
  const took = await page.evaluate(() => window.bench.firstRowMs())
  await queryIsOver(page)
  return took
}
