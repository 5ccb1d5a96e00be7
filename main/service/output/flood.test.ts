import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { shellLine } from '../commands/open-service-fixture.ts'
import { openForTest, serviceFolder } from '../commands/service-fixture.ts'

const MEGABYTE = 1024 * 1024
const FLOOD_BYTES = 200 * MEGABYTE

/** Above what the run's own bookkeeping and a lazy garbage collector need; a tenth of the flood would show. */
const MOST_GROWTH_BYTES = 64 * MEGABYTE

/** The goal on a quiet machine is 8 ms a slice; other work on a busy one must not make this test fail. */
const MOST_LAG_MS = 250

describe('a flood of 200 MB costs neither memory nor the turns of the loop', () => {
  test.each([
    ['of short lines', `yes | head -c ${FLOOD_BYTES}`, FLOOD_BYTES / 2],
    ['without any newline', `head -c ${FLOOD_BYTES} /dev/zero`, 1],
  ])('%s', async (_, line, lines) => {
    const service = await openForTest(await serviceFolder())
    const before = process.memoryUsage().rss
    let peak = before
    const sampling = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 10)
    onTestFinished(() => clearInterval(sampling))
    const lag = monitorEventLoopDelay({ resolution: 5 })
    lag.enable()

    const { id } = await service.commands.run(shellLine(line))
    expect(await service.final(id)).toMatchObject({
      state: { kind: 'done' },
      progress: { bytes: FLOOD_BYTES, lines },
    })
    const signal = new AbortController().signal
    for (const from of [0, Math.floor(lines / 2), lines - 1]) {
      const page = await service.outputs.handlers['output.lines'](
        { id, from, count: 1_000 },
        { signal, passengers: [] },
      )
      if (!('lines' in page)) throw new Error('unreachable')
      expect(page.lines).toHaveLength(Math.min(1_000, lines - from))
    }
    await delay(20)
    lag.disable()
    expect(peak - before).toBeLessThan(MOST_GROWTH_BYTES)
    expect(lag.max / 1e6).toBeLessThan(MOST_LAG_MS)
  })
})
