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
