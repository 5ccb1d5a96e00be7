import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { linuxTreeMeter } from '../main/service/platform/linux-tree-meter.ts'
import { eachRound, expectSame, type Benchmark } from './benchmark.ts'

const PROCESSES = 100
/** One a second in earnest; as many in a row cost the same each, and take less of the reader's time. */
const SAMPLES = 20
/** Of one core, at one sample a second. */
const CORE_PERCENT = 1

/** What it costs to sample a command of many processes, by the meter that the service has. */
export const usage: Benchmark = {
  name: 'usage',
  about: `sampling a command of ${PROCESSES} processes`,
  async run(context) {
    if (process.platform !== 'linux') {
      context.say('What commands use is measured on Linux only.')
      return []
    }
    const line = `for n in $(seq ${PROCESSES - 1}); do sleep 600 & done; echo ready; wait`
    const child = spawn('sh', ['-c', line], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
    const meter = linuxTreeMeter(child.pid ?? 0)
    try {
      await once(child.stdout, 'data')
      // The first look opens the files.
      expectSame('The processes', (await meter.measure())?.processes, PROCESSES)
      const percent: number[] = []
      await eachRound(context, async () => {
        const before = process.cpuUsage()
        for (let sample = 0; sample < SAMPLES; sample += 1) await meter.measure()
        const { user, system } = process.cpuUsage(before)
        percent.push(((user + system) / SAMPLES / 1e6) * 100)
      })
      return [
        {
          bench: 'usage',
          figure: `sampling ${PROCESSES} processes once a second`,
          unit: '% of a core',
          values: percent,
          baselines: [],
          goal: { kind: 'at-most', value: CORE_PERCENT },
        },
      ]
    } finally {
      await meter.close()
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    }
  },
}
