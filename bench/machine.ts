import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os'
import type { BenchContext } from './benchmark.ts'
import { withOffloop } from './offloop.ts'

const BYTES_PER_GIB = 1024 ** 3

/** The machine and the runtime that figures come from, in one sentence. */
export async function describeMachine(context: BenchContext): Promise<string> {
  const { electron, chrome, node } = await withOffloop(context, ({ page }) =>
    page.evaluate(() => window.bench.info()),
  )
  const date = new Date().toISOString().slice(0, 10)
  const memory = Math.round(totalmem() / BYTES_PER_GIB)
  const processor = cpus()[0]?.model ?? 'unknown processor'
  return (
    `Measured on ${date}: ${availableParallelism()} cores (${processor}), ${memory} GiB of memory, ` +
    `${platform()} ${release()} ${arch()}, Electron ${electron} (Chromium ${chrome}, Node ${node}); ` +
    `load before the run: ${context.loadBefore.toFixed(1)}.`
  )
}
