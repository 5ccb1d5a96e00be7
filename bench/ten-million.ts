import type { Page } from 'playwright'
import { eachRound, expectSame, type Benchmark } from './benchmark.ts'
import { timeFirstLine } from './sqlite-shell.ts'
import type { Figure } from './figure.ts'
import { memoryFigures } from './memory.ts'
import { withOffloop } from './offloop.ts'
import type { Jump } from './page/time-jump.ts'
import { percentile } from './statistics.ts'
import { openQueryTab, timeOnScreen } from './window.ts'

/** A person feels what comes within 100 ms as at once; half of it is left to the engine. */
const FIRST_ROW_GOAL_MS = 50
/** Three frames: the jump, the answer, and one to spare. */
const JUMP_GOAL_MS = 50
const JUMPS = 40
/** Steps of the golden ratio spread over the result without a pattern and never come back to the same place. */
const STEP = 0.618_033_988_75
/** Behind the column that marks a round's first row. */
const ID_COLUMN = 1
/** Resident, in megabytes (10^6 bytes), however many rows there are. */
const HOST_MB = 150
const PAGE_MB = 300

/** A query of ten million rows in the window: its first row, its last one, any other, and what it takes of memory. */
export const tenMillion: Benchmark = {
  name: 'ten-million',
  about: 'a result of ten million rows in the window: first row, any row, last row, memory',
  async run(context) {
    const table = await context.hugeTable()
    const times: Record<'first' | 'shell' | 'jump' | 'last', number[]> = {
      first: [],
      shell: [],
      jump: [],
      last: [],
    }
    const memory = await withOffloop(context, async ({ page }) => {
      await openQueryTab(page, table)
      // The first query starts the database's process: later ones find it warm.
      await timeOnScreen(page, table, 'warm')
      await page.evaluate(() => window.bench.watchProcesses())
      await eachRound(context, async (round) => {
        times.shell.push(await timeFirstLine(table.path, table.sql, context.signal))
        times.first.push(await timeOnScreen(page, table, `round ${round}`))
        const took: number[] = []
        for (let count = 1; count <= JUMPS; count += 1) {
          // The very first row is in view already.
          took.push((await jump(page, ((round * JUMPS + count) * STEP) % 1)).tookMs)
        }
        times.jump.push(percentile(took, 1))
        const { tookMs, lastRow } = await jump(page, 1)
        expectSame('The last row in view', lastRow, table.rows - 1)
        times.last.push(tookMs)
      })
      return page.evaluate(() => window.bench.stopWatchingProcesses())
    })
    const figure = (
      name: string,
      values: number[],
      goal: Figure['goal'],
      baselines: number[] = [],
    ): Figure => ({
      bench: 'ten-million',
      figure: name,
      unit: 'ms',
      values,
      baselines,
      goal,
    })
    return [
      figure(
        'first row on screen, warm',
        times.first,
        { kind: 'beyond-baseline-at-most', value: FIRST_ROW_GOAL_MS },
        times.shell,
      ),
      figure(`longest of ${JUMPS} jumps to any row`, times.jump, { kind: 'at-most', value: JUMP_GOAL_MS }),
      figure('jump to the last row', times.last, { kind: 'at-most', value: JUMP_GOAL_MS }),
      ...memoryFigures('ten-million', memory, {
        service: HOST_MB,
        'query-host': HOST_MB,
        renderer: PAGE_MB,
      }),
    ]
  },
}

/** @param share 0 for the first row, 1 for the last. */
async function jump(page: Page, share: number): Promise<Jump> {
  const jumped = await page.evaluate(([to, column]) => window.bench.timeJump(to, column), [
    share,
    ID_COLUMN,
  ] as const)
  expectSame(`The id in row ${jumped.row}`, jumped.text, String(jumped.row + 1))
  return jumped
}
