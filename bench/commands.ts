import { eachRound, expectSame, type Benchmark } from './benchmark.ts'
import type { Figure, Goal } from './figure.ts'
import { withOffloop } from './offloop.ts'
import { installedRunners } from './task-runners.ts'

const FULL_COMMANDS = 1_000
const SHORT_COMMANDS = 200
/** So many at once: each waits for the disk for longer than it runs, so that fewer would measure the disk alone. */
const SLOTS = 16
/** What Offloop must reach of the speed of each; of xargs, which keeps nothing, a part. */
const GOALS: Readonly<Record<string, number>> = { 'xargs -P': 0.25, 'GNU parallel': 2, 'task-spooler': 1 }
const LAG_P99_MS = 20

/** Commands that do nothing: how many are started and finished in a second, with their history on disk. */
export const commands: Benchmark = {
  name: 'commands',
  about: 'commands started and finished',
  async run(context) {
    const count = context.short ? SHORT_COMMANDS : FULL_COMMANDS
    const runners = await installedRunners(context)
    return withOffloop(context, async ({ page }) => {
      const asked = { pool: 'bench-commands', count, slots: SLOTS }
      await page.evaluate(({ pool, slots }) => window.bench.makePool(pool, slots), asked)
      const speed = (tookMs: number): number => (count / tookMs) * 1_000
      const own: number[] = []
      const others = runners.map((): number[] => [])
      const lags: number[] = []
      await eachRound(context, async () => {
        await page.evaluate(() => window.bench.watchProcesses())
        const outcome = await page.evaluate(({ pool, count }) => window.bench.runMany(pool, count), asked)
        lags.push(...(await page.evaluate(() => window.bench.stopWatchingProcesses())).service.lagP99Ms)
        expectSame('The commands that were done', outcome.done, count)
        own.push(speed(outcome.tookMs))
        for (const [index, runner] of runners.entries())
          others[index]?.push(speed(await runner.run(context, count, SLOTS)))
      })
      return [
        ...runners.map(({ name }, index): Figure => {
          const goal: Goal = { kind: 'ratio-at-least', ratio: GOALS[name] ?? 1 }
          const figure = `commands a second, ${SLOTS} at once, beside ${name}`
          return { bench: 'commands', figure, unit: '/s', values: own, baselines: others[index] ?? [], goal }
        }),
        {
          bench: 'commands',
          figure: 'lag of the service meanwhile, p99 of each second',
          unit: 'ms',
          values: lags,
          baselines: [],
          goal: { kind: 'at-most', value: LAG_P99_MS },
        },
      ]
    })
  },
}
