import { parseArgs } from 'node:util'
import { chances } from './chances.ts'
import { openOffloop } from './offloop.ts'
import { amounts } from './rows/amounts.ts'
import { back } from './rows/ask.ts'
import { damages } from './rows/damage.ts'
import { disks } from './rows/disks.ts'
import { doors } from './rows/doors.ts'
import { ELSEWHERE } from './rows/elsewhere.ts'
import { NotHere, type Fault } from './rows/fault.ts'
import { memoryUsedUp } from './rows/memory.ts'
import { processesEnd } from './rows/processes-end.ts'
import { callWitnesses } from './rows/witnesses.ts'

/**
 * Faults, one after the other, against the built app in a real Electron:
 * `node tests/faults/rows.ts [--seed 1] [--rounds 1] [--short] [words of a name]`. After each it is checked that nothing
 * acknowledged is lost and nothing has begun twice. Says how many were survived, and ends with 1 when one was not.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '1' },
    short: { type: 'boolean', default: false },
  },
})
const FAULTS: readonly Fault[] = [
  ...processesEnd,
  ...memoryUsedUp,
  ...disks,
  ...damages,
  ...doors,
  ...amounts,
]

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())
const words = positionals.join(' ')
const chosen = FAULTS.filter(({ name, short }) => name.includes(words) && (!values.short || short))
const counts = { survived: 0, broken: 0, notHere: 0 }
for (let round = 0; round < Number(values.rounds); round++)
  for (const fault of chosen) {
    stopping.signal.throwIfAborted()
    await tryOut(fault, chances(Number(values.seed) + round))
  }
if (words === '' && !values.short)
  for (const { name, where } of ELSEWHERE) say('elsewhere', `${name}: ${where}`)
const tried = counts.survived + counts.broken
const untried = counts.notHere > 0 ? `, ${counts.notHere} could not be tried here` : ''
process.stdout.write(`Faults with seed ${values.seed}: survived ${counts.survived} of ${tried}${untried}.\n`)
if (counts.broken > 0) process.exitCode = 1

async function tryOut({ name, losesHistory, prepare, survive }: Fault, chance: () => number): Promise<void> {
  const hasHistory = losesHistory !== true
  const offloop = await openOffloop(stopping.signal)
  const undo: (() => Promise<unknown>)[] = []
  try {
    const after = (work: () => Promise<unknown>): void => void undo.unshift(work)
    await prepare?.({ offloop, after })
    const witnesses = await callWitnesses(offloop)
    const seen = await survive({ offloop, chance, witnesses, after })
    if (hasHistory) await back(offloop)
    await witnesses.check(hasHistory)
    counts.survived += 1
    say('survived', `${name}: ${seen}`)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    if (error instanceof NotHere) counts.notHere += 1
    else counts.broken += 1
    say(error instanceof NotHere ? 'not here' : 'BROKEN', `${name}: ${message}`)
  } finally {
    await offloop.end()
    for (const work of undo) await work().catch((error: unknown) => say('left', String(error)))
    await offloop.close()
  }
}

function say(how: string, what: string): void {
  process.stdout.write(`${how.padEnd(10)} ${what}\n`)
}
