import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, type Offloop } from '../e2e/offloop.ts'

const folder = join(import.meta.dirname, '..', '..', 'docs', 'screens')
const WIDTH = 1280
const HEIGHT = 800

/** Takes a picture of the window as it is. @param screen what it shows, in kebab case. */
export type Picture = (screen: string) => Promise<void>

/** Runs a journey in every theme and language, with a window that is set up for it and nothing else. */
export function inEveryLook(
  title: string,
  journey: (offloop: Offloop, picture: Picture) => Promise<void>,
): void {
  test.beforeAll(() => mkdir(folder, { recursive: true }))
  for (const theme of ['light', 'dark'] as const) {
    for (const language of ['en', 'zh-CN'] as const) {
      test(`${title}: ${theme}, ${language}`, async ({ offloop }) => {
        const { page, app } = offloop
        await app.evaluate(
          ({ BrowserWindow }, size) =>
            BrowserWindow.getAllWindows()[0]?.setContentSize(size.width, size.height),
          { width: WIDTH, height: HEIGHT },
        )
        await page.getByTestId('activity-settings').click()
        await page.getByTestId('setting-theme').selectOption(theme)
        await page.getByTestId('setting-language').selectOption(language)
        await expect(page.locator('html')).toHaveAttribute('lang', language)
        await journey(offloop, async (screen) => {
          await page.screenshot({ path: join(folder, `${screen}-${theme}-${language}.png`) })
        })
      })
    }
  }
}
