import { eachRound, expectSame, type Benchmark, type BenchContext } from './benchmark.ts'
import type { BigTable } from './big-table.ts'
import type { Figure } from './figure.ts'
import { hasExtension } from './has-extension.ts'
import { withOffloop } from './offloop.ts'

/** Statements of which each is deaf in another way: it never hands out a row before its end. */
const STATEMENTS: readonly { readonly name: string; readonly sql: string }[] = [
  {
    name: 'an endless recursion',
    sql: 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n',
  },
  {
    name: 'a cross join',
    sql: 'SELECT count(*) FROM readings AS a JOIN readings AS b ON a.value < b.value',
  },
  {
    name: 'a huge sort',
    sql: 'SELECT * FROM readings AS a JOIN readings AS b ORDER BY a.value + b.value',
  },
]

/** How a statement is stopped: by an interrupt of the extension, or by ending its process. */
interface Way {
  readonly name: string
  readonly variables: Readonly<Record<string, string>>
  readonly goalMs: number
}

const WAYS: readonly Way[] = [
  { name: 'with the extension', variables: {}, goalMs: 100 },
  {
    name: 'by ending the process',
    variables: { OFFLOOP_ACCELERATOR: 'off' },
    goalMs: 1_000,
  },
]

/** From cancelling a query that is deep inside its statement until it is confirmed that it has stopped. */
export const cancel: Benchmark = {
  name: 'cancel',
  about: 'from cancelling a query until it has stopped',
  async run(context) {
    const table = await context.bigTable()
    const figures: Figure[] = []
    for (const way of (await hasExtension(context)) ? WAYS : WAYS.slice(1))
      figures.push(...(await measureWay(context, table, way)))
    return figures
  },
}

async function measureWay(context: BenchContext, { path }: BigTable, way: Way): Promise<Figure[]> {
  const took = STATEMENTS.map((): number[] => [])
  await withOffloop(
    context,
    ({ page }) =>
      eachRound(context, async () => {
        for (const [index, { name, sql }] of STATEMENTS.entries()) {
          const cancelled = await page.evaluate(
            ([database, statement]) => window.bench.timeCancel(database, statement),
            [path, sql] as const,
          )
          // Not how it was stopped: where the interrupt is not heard in time its process is ended, and the time shows it.
          expectSame(`The state of ${name}`, cancelled.state.kind, 'cancelled')
          took[index]?.push(cancelled.tookMs)
        }
      }),
    way.variables,
  )
  return STATEMENTS.map(({ name }, index) => ({
    bench: 'cancel',
    figure: `${name}, ${way.name}`,
    unit: 'ms',
    values: took[index] ?? [],
    baselines: [],
    goal: { kind: 'never-over', value: way.goalMs },
  }))
}
