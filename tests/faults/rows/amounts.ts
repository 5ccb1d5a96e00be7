import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { processesOf, send } from '../processes.ts'
import { back, final, outputPath, start } from './ask.ts'
import { ms, must, type Fault } from './fault.ts'

const QUEUED = 10_000
const BATCH = 500
/** A look at a full line; what it took is told. In milliseconds. */
const LOOK_MS = 2_000
const POOL = 'stands-still'

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

/** A gigabyte of output. @param line what writes it */
function flood(name: string, line: string): Fault {
  return {
    name: `a gigabyte of output ${name}`,
    async survive({ offloop }) {
      const id = await start(offloop, line)
      const from = performance.now()
      await (await offloop.reach()).call('runs.list', { limit: 10 })
      const lookMs = performance.now() - from
      must(lookMs < LOOK_MS, `a look took ${ms(lookMs)}`)
      const run = await final(offloop, id)
      must(run.state.kind === 'done', `it is ${run.state.kind}`)
      const again = await start(offloop, `${line} | sha256sum | cut -c1-64`)
      await final(offloop, again)
      const { lines } = await (await offloop.reach()).call('output.lines', { id: again, from: 0, count: 1 })
      const expected = lines[0]?.text ?? ''
      must((await sha256(outputPath(offloop, id))) === expected, 'N2: it is another output')
      return `whole, and a look at the list took ${ms(lookMs)} meanwhile`
    },
  }
}

/** More than anybody asks for. */
export const amounts: readonly Fault[] = [
  {
    name: '10,000 runs wait',
    async survive({ offloop }) {
      const client = await offloop.reach()
      await client.call('pool.add', { name: POOL, concurrency: 1, capacity: 0 })
      await client.call('pool.change', { name: POOL, how: 'pause' })
      const command = {
        kind: 'command' as const,
        command: { kind: 'program' as const, program: '/bin/true', args: [] },
        folder: '/',
        environment: {},
        terms: { pool: POOL },
      }
      for (let added = 0; added < QUEUED; added += BATCH)
        await client.call('batch.run', {
          commands: Array<typeof command>(BATCH).fill(command),
          onFailure: 'go-on',
        })
      const from = performance.now()
      await client.call('runs.list', { limit: 100, unfinished: true })
      const lookMs = performance.now() - from
      must(lookMs < LOOK_MS, `a look took ${ms(lookMs)}`)
      send((await processesOf(offloop.profile)).service, 'SIGKILL')
      offloop.lose()
      const backMs = await back(offloop)
      const pools = await (await offloop.reach()).call('pools.list', {})
      const waiting = pools.pools.find(({ name }) => name === POOL)?.queued
      must(waiting === QUEUED, `${waiting} wait after the service was killed`)
      return `a look at them took ${ms(lookMs)}; all wait after a kill, ready after ${ms(backMs)}`
    },
  },
  flood('in lines', 'yes abcdefghijklmnopqrstuvwxyz | head -c 1000000000'),
  flood('without a line', 'head -c 1000000000 /dev/zero | tr "\\0" x'),
]
