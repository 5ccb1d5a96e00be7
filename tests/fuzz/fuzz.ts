import { parseArgs } from 'node:util'
import { launchEnvironment } from '../../scripts/runtime/electron-launch.ts'
import { prepareElectron } from '../../scripts/runtime/prepare-electron.ts'
import { openDisplay } from '../../scripts/runtime/virtual-display.ts'
import { fuzzChannels } from './fuzz-channels.ts'
import { openFuzzed } from './open-fuzzed.ts'

/**
 * The fuzzer: `node tests/fuzz/fuzz.ts [--calls 100000] [--seed 1]`, against the built app in a real Electron, on Linux.
 *
 * Sends so many messages with hostile values from the page, by every channel of the contract. The seed makes the same draws
 * again. It ends with 1 when a process died, hung or was started unasked, or something changed that must not.
 */
const { values } = parseArgs({ options: { calls: { type: 'string' }, seed: { type: 'string' } } })
const CALLS = Number(values.calls ?? 100_000)
const SEED = Number(values.seed ?? Date.now() % 1e6)

const root = `${import.meta.dirname}/../..`
const signal = new AbortController().signal
const launch = await prepareElectron({ root, needsFonts: false, signal, say: console.log })
const display = await openDisplay(process.env, process.platform)
const began = performance.now()
const { app, page, places, close } = await openFuzzed({
  ...process.env,
  ...display.env,
  ...launchEnvironment(launch),
})
try {
  console.log(`Seed ${SEED}, ${CALLS} messages, in ${places.root}`)
  const report = await fuzzChannels({ app, page, places, calls: CALLS, seed: SEED, say: console.log })
  console.log(
    `${report.sent} messages in ${Math.round((performance.now() - began) / 1_000)} s: ${JSON.stringify(report.answers)}, ` +
      `${report.unsendable} that could not be sent.\nPrograms seen: ${report.programs.join(' ')}`,
  )
  console.log(`Methods of which some were carried out: ${[...report.carriedOut].sort().join(' ')}`)
  for (const [said, messages] of report.faults)
    console.log(`${messages.length} times: ${said}\n  ${messages[0]}`)
  for (const what of report.broken) console.log(`BROKEN: ${what}`)
  process.exitCode = report.broken.length === 0 && report.faults.size === 0 ? 0 : 1
} finally {
  await close()
  await display.close()
}
