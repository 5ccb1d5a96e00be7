import { join } from 'node:path'
import { serveResults } from '../main/service/results/results.ts'
import type { BenchContext } from './benchmark.ts'
import { profileOf } from './offloop.ts'

/**
 * Asks the service's own code for pages of a result that the app has written, in this process: what the service itself
 * needs for them, without a port and without a page.
 * @returns how long each took, in milliseconds.
 */
export async function timeServicePages(
  context: BenchContext,
  id: number,
  from: readonly number[],
  count: number,
): Promise<number[]> {
  const results = serveResults({
    store: { get: async () => undefined },
    resultPath: (run) => join(profileOf(context), 'results', String(run)),
  })
  const answering = { signal: context.signal, passengers: [] }
  const took: number[] = []
  try {
    for (const first of from) {
      const start = performance.now()
      await results.handlers['result.rows']({ id, from: first, count }, answering)
      took.push(performance.now() - start)
    }
  } finally {
    await results.close()
  }
  return took
}
