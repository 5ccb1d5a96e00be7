import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright'
import type { BenchContext } from './benchmark.ts'
import { bundle } from './bundle.ts'
// Declares what the code in the page puts on its window.
import type {} from './page/index.ts'

/** Offloop, open and at rest. */
export interface Offloop {
  readonly app: ElectronApplication
  /** The real page, in which `window.bench` asks the real processes. */
  readonly page: Page
}

/** The profile of all benchmarks of one run: only the first start makes the sample. */
export function profileOf({ folder }: BenchContext): string {
  return join(folder, 'profile')
}

/**
 * Opens the built app, waits until nothing goes on in it any more, measures with it, and closes it.
 * @param variables added to its environment.
 */
export async function withOffloop<T>(
  context: BenchContext,
  measure: (offloop: Offloop) => Promise<T>,
  variables: Readonly<Record<string, string>> = {},
): Promise<T> {
  const { root, folder, launch } = context
  await mkdir(profileOf(context), { recursive: true })
  const name = 'page.js'
  await bundle(root, 'bench/page/index.ts', { folder, name }, 'iife')
  const app = await _electron.launch({
    executablePath: launch.executable,
    args: [...launch.args, root],
    env: { ...environment(), ...launch.env, ...variables, OFFLOOP_PROFILE: profileOf(context) },
    chromiumSandbox: true,
  })
  try {
    const page = await app.firstWindow()
    return await Promise.race([failureOf(page), prepareAndMeasure()])

    async function prepareAndMeasure(): Promise<T> {
      // Code from here is not subject to the page's content security policy.
      await page.evaluate(`${await readFile(join(folder, name), 'utf8')}; bundle.opened`)
      await page.evaluate(() => window.bench.settled())
      return measure({ app, page })
    }
  } finally {
    await app.close()
  }
}

/** Rejects when the page fails: what waits for an answer in it would wait for ever. */
function failureOf(page: Page): Promise<never> {
  return new Promise((_resolve, reject) => {
    page.on('pageerror', reject)
    page.on('crash', () => reject(new Error("The page's process ended.")))
  })
}

/** This process's environment without the variables that are not set. */
export function environment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
