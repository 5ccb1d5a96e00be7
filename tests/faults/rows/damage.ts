import { open, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { processesOf, send } from '../processes.ts'
import { answerOf, back, ended, final, outputPath, start } from './ask.ts'
import { ms, must, type Fault } from './fault.ts'

const PAGE_BYTES = 4_096
const LINES = { from: 0, count: 10 }

/** What is written over a part of a file. */
async function overwrite(file: string, at: number, bytes: number): Promise<void> {
  const handle = await open(file, 'r+')
  try {
    await handle.write(Buffer.alloc(bytes, 0xa5), 0, bytes, at)
  } finally {
    await handle.close()
  }
}

/** The app's own database is hit while Offloop does not run. */
function damage(name: string, hit: (file: string) => Promise<void>): Fault {
  return {
    name: `the app's own database: ${name}`,
    losesHistory: true,
    async survive({ offloop }) {
      const file = join(offloop.profile, 'offloop.db')
      await ended(offloop)
      await hit(file)
      const damaged = await readFile(file)
      const backMs = await back(offloop)
      const { message } = await answerOf((await offloop.reach()).call('runs.list', { limit: 1 }))
      must(message.includes('is damaged'), `it answers "${message}"`)
      must(damaged.equals(await readFile(file)), 'the file was changed')
      must(
        message.includes(join(offloop.profile, 'backups')),
        `it does not say where backups are: "${message}"`,
      )
      return `said so after ${ms(backMs)}, left as it is`
    },
  }
}

/** A file of one run is hit. */
function hitOutput(name: string, expected: RegExp, hit: (file: string) => Promise<void>): Fault {
  return {
    name: `the output of one run is ${name}`,
    short: true,
    async survive({ offloop }) {
      const [broken, whole] = [await start(offloop, 'seq 1 1000'), await start(offloop, 'seq 1 1000')]
      await final(offloop, broken)
      await final(offloop, whole)
      // Whatever was counted in memory is forgotten with the service.
      send((await processesOf(offloop.profile)).service, 'SIGKILL')
      offloop.lose()
      await hit(outputPath(offloop, broken))
      await back(offloop)
      const client = await offloop.reach()
      const { message } = await answerOf(client.call('output.lines', { id: broken, ...LINES }))
      must(expected.test(message), `its view says "${message}"`)
      const read = await client.call('output.lines', { id: whole, ...LINES })
      must(read.lines.length === LINES.count, 'the other run cannot be read')
      return 'only its view says so'
    },
  }
}

/** Files that were damaged. */
export const damages: readonly Fault[] = [
  damage('its header is overwritten', (file) => overwrite(file, 0, 64)),
  damage('pages in its middle are overwritten', (file) => overwrite(file, PAGE_BYTES * 2, PAGE_BYTES * 12)),
  damage('it is cut', (file) => truncate(file, PAGE_BYTES + 1)),
  damage('it is emptied', (file) => truncate(file, 0)),
  {
    name: "the app's own database: its log of writes is damaged",
    async survive({ offloop }) {
      const file = join(offloop.profile, 'offloop.db')
      // Ended in peace, everything is in the file itself.
      await ended(offloop)
      await writeFile(`${file}-wal`, Buffer.alloc(PAGE_BYTES * 3, 0x5a))
      const backMs = await back(offloop)
      await (await offloop.reach()).call('runs.list', { limit: 1 })
      return `ready after ${ms(backMs)}: a log whose sums are wrong holds nothing that was acknowledged`
    },
  },
  hitOutput('cut', /was cut/, (file) => truncate(file, 100)),
  hitOutput('missing', /./, (file) => rm(file)),
]
