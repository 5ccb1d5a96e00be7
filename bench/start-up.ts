import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { chromium, type Browser } from 'playwright'
import { eachRound, type Benchmark, type BenchContext } from './benchmark.ts'
import { environment, profileOf, withOffloop } from './offloop.ts'
import { buildTrivialApp } from './trivial.ts'

/** What Offloop does before its window can be used may take a quarter of what any Electron app needs. */
const RATIO = 1.25

/** From starting the program to a window that is painted and can be used, against the trivial app on the same binary. */
export const startUp: Benchmark = {
  name: 'start-up',
  about: 'from starting the program to a usable window',
  async run(context) {
    const trivial = await buildTrivialApp(context)
    const profile = join(trivial, 'profile')
    // The first start of all makes the sample; those that are measured find everything there.
    await withOffloop(context, async () => undefined)
    const offloopMs: number[] = []
    const trivialMs: number[] = []
    await eachRound(context, async () => {
      trivialMs.push(await timeStart(context, [trivial, `--user-data-dir=${profile}`], 'button'))
      offloopMs.push(await timeStart(context, [context.root], '[data-testid="run-query"]'))
    })
    return [
      {
        bench: 'start-up',
        figure: 'window painted and usable',
        unit: 'ms',
        values: offloopMs,
        baselines: trivialMs,
        goal: { kind: 'ratio-at-most', ratio: RATIO },
      },
    ]
  },
}

/**
 * Starts an app as a person does, without a debugger that holds it up, and looks into its page from outside.
 * @param button what can be used when the app can. @returns milliseconds.
 */
async function timeStart(
  context: BenchContext,
  appArguments: readonly string[],
  button: string,
): Promise<number> {
  const { launch, signal } = context
  const startedAt = Date.now()
  const child = spawn(launch.executable, [...launch.args, '--remote-debugging-port=0', ...appArguments], {
    env: { ...environment(), ...launch.env, OFFLOOP_PROFILE: profileOf(context) },
    stdio: ['ignore', 'ignore', 'pipe'],
    signal,
  })
  const ended = once(child, 'exit')
  const browser = await chromium.connectOverCDP(await debuggerAddress(child))
  try {
    return (await usableAt(browser, button)) - startedAt
  } finally {
    const session = await browser.newBrowserCDPSession()
    // It may be gone before it has answered; what counts is that it ends.
    session.send('Browser.close').catch(() => undefined)
    await ended
  }
}

/** Chromium says on its standard error where it can be reached. @throws Error when it ends before. */
async function debuggerAddress({ stderr }: ChildProcess): Promise<string> {
  if (stderr === null) throw new Error('The app has no standard error.')
  for await (const line of createInterface({ input: stderr })) {
    const [, address] = /DevTools listening on (ws:\S+)/.exec(line) ?? []
    if (address !== undefined) {
      // What it says later is not read, and must not fill the pipe.
      stderr.resume()
      return address
    }
  }
  throw new Error('The app ended before its window came up.')
}

/** When the page had been painted and its button could be pressed, in milliseconds since 1970. */
async function usableAt(browser: Browser, button: string): Promise<number> {
  const [context] = browser.contexts()
  if (context === undefined) throw new Error('The app has no pages.')
  const page = context.pages()[0] ?? (await context.waitForEvent('page'))
  return page.evaluate(async (selector) => {
    const nextFrame = (): Promise<number> => new Promise(requestAnimationFrame)
    const usable = (): boolean => {
      const element = document.querySelector<HTMLButtonElement>(selector)
      return element !== null && element.checkVisibility() && !element.disabled
    }
    // Nothing was late for a page that could be used before anybody looked: then its first paint is the moment.
    const wasUsable = usable()
    while (!usable()) await nextFrame()
    const paints = (): PerformanceEntry | undefined =>
      performance.getEntriesByName('first-contentful-paint')[0]
    while (paints() === undefined) await nextFrame()
    const painted = paints()?.startTime ?? 0
    return performance.timeOrigin + (wasUsable ? painted : Math.max(painted, await nextFrame()))
  }, button)
}
