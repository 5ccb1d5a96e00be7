import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Scripts and styles that the window needs before it can paint, in bytes: each 100 KB more takes about 10 ms at a start.
 * What is not needed by a first query is loaded when it is first shown.
 */
const PAGE_BUDGET_BYTES = 1_200_000

/** A file that the page loads before its first paint. */
interface FirstFile {
  /** Relative to the folder of the page. */
  readonly name: string
  readonly bytes: number
}

/**
 * Lists what a built page loads at once: what it names itself, which includes what its scripts import statically.
 * @param folder absolute path of the page's folder. @throws Error when the page names nothing.
 */
export async function firstFiles(folder: string): Promise<FirstFile[]> {
  const page = await readFile(join(folder, 'index.html'), 'utf8')
  const names = [...page.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, name = '']) => name)
  if (names.length === 0) throw new Error(`"${join(folder, 'index.html')}" loads no script.`)
  return Promise.all(names.map(async (name) => ({ name, bytes: (await stat(join(folder, name))).size })))
}

/** Says what is wrong with the size of a built page; undefined when it is within its budget. */
export async function overBudget(folder: string, budget = PAGE_BUDGET_BYTES): Promise<string | undefined> {
  const files = await firstFiles(folder)
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  if (bytes <= budget) return undefined
  const largest = files.toSorted((a, b) => b.bytes - a.bytes).map((file) => `${file.name} (${file.bytes})`)
  return (
    `The page loads ${bytes} bytes before its first paint, and may load ${budget}: ${largest.join(', ')}. ` +
    'Load what a first query does not need with import().'
  )
}
