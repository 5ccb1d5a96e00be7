import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../runtime/temporary-folder-fixture.ts'
import { firstFiles, overBudget } from './page-budget.ts'

async function page(html: string): Promise<string> {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'index.html'), html)
  await writeFile(join(folder, 'assets', 'index.js'), 'x'.repeat(70))
  await writeFile(join(folder, 'assets', 'shared.js'), 'x'.repeat(20))
  await writeFile(join(folder, 'assets', 'later.js'), 'x'.repeat(1_000))
  return folder
}

const HTML =
  '<script type="module" crossorigin src="./assets/index.js"></script><link rel="modulepreload" href="./assets/shared.js">'

test('what the page names counts, and what it loads later does not', async () => {
  const folder = await page(HTML)
  expect(await firstFiles(folder)).toEqual([
    { name: 'assets/index.js', bytes: 70 },
    { name: 'assets/shared.js', bytes: 20 },
  ])
  expect(await overBudget(folder, 90)).toBeUndefined()
})

test('a page over its budget is refused with what is largest in it', async () => {
  expect(await overBudget(await page(HTML), 89)).toMatch(
    /loads 90 bytes .*: assets\/index\.js \(70\), assets\/shared\.js \(20\)/,
  )
})

test('a page that loads nothing is no page', async () => {
  await expect(firstFiles(await page('<p>'))).rejects.toThrow('loads no script')
})
