import { readdir, readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { namedTests } from './named-tests.ts'

const PAGES = ['docs/promises.md', 'docs/ideas.md', 'docs/security.md']
const PROMISES = 34
const FOLDERS = ['contract', 'main', 'renderer', 'scripts', 'tests']
const TEST_FILE = /\.(?:test|spec)\.ts$/

test('titles share the file behind them, and a text that is no title has none', () => {
  expect(
    namedTests('Run `x` first. Tests: `a`, `b` and\n`c` (`one.test.ts`), `d` (`two.spec.ts`); `e`.'),
  ).toEqual([
    { title: 'a', file: 'one.test.ts' },
    { title: 'b', file: 'one.test.ts' },
    { title: 'c', file: 'one.test.ts' },
    { title: 'd', file: 'two.spec.ts' },
  ])
})

test.each(PAGES)('every test that %s names is there, under that name', async (page) => {
  const named = namedTests(await readFile(page, 'utf8'))
  expect(named.length).toBeGreaterThan(10)
  const files = await testFiles()
  const missing: string[] = []
  for (const { title, file } of named) {
    const [path, another] = files.filter((candidate) => `/${candidate}`.endsWith(`/${file}`))
    if (path === undefined || another !== undefined)
      missing.push(`${file}: ${path ?? 'no such file'} ${another ?? ''}`)
    else if (!(await readFile(path, 'utf8')).includes(title)) missing.push(`${file}: "${title}"`)
  }
  expect(missing).toEqual([])
})

test('every promise has tests of its own', async () => {
  const rows = (await readFile('docs/promises.md', 'utf8'))
    .split('\n')
    .filter((line) => /^\| \d+ \|/.test(line))
  expect(rows.map((row) => Number(row.split('|')[1]))).toEqual(
    Array.from({ length: PROMISES }, (_, at) => at + 1),
  )
  expect(rows.filter((row) => namedTests(row).length === 0)).toEqual([])
})

async function testFiles(): Promise<readonly string[]> {
  const trees = await Promise.all(
    FOLDERS.map(async (folder) =>
      (await readdir(folder, { recursive: true })).map((path) => `${folder}/${path}`),
    ),
  )
  return trees.flat().filter((path) => TEST_FILE.test(path))
}
