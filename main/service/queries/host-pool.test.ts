import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../app-database/database-fixture.ts'
import { openTestBroker, type TestBroker } from './broker-fixture.ts'
import { createHostPool, type HostPool } from './host-pool.ts'

/** Short enough to be seen in a test; the order of the two is what matters. */
const IDLE_MS = 50
const WARM_MS = 400

interface Setup {
  readonly pool: HostPool
  readonly broker: TestBroker
  readonly database: string
}

async function setUp(): Promise<Setup> {
  const database = join(await temporaryFolder(), 'a.db')
  await writeFile(database, '')
  const broker = openTestBroker()
  onTestFinished(() => broker.close())
  const onTrouble = (message: string): void => {
    throw new Error(message)
  }
  return {
    broker,
    database,
    pool: createHostPool({ broker: broker.client, limit: 2, idleMs: IDLE_MS, warmMs: WARM_MS, onTrouble }),
  }
}

it('ends idle hosts, and keeps the last one of a database warm for a while longer', async () => {
  const { pool, broker, database } = await setUp()
  const request = { database, mode: 'read-only', use: 'statement' } as const
  const leases = await Promise.all([pool.lease(request), pool.lease(request)])
  const ends = [...broker.hosts.values()].map((host) => once(host, 'exit').then(() => performance.now()))
  const begun = performance.now()
  for (const lease of leases) lease.release()
  const [first = 0, second = 0] = (await Promise.all(ends)).sort((a, b) => a - b)
  expect(first - begun).toBeGreaterThanOrEqual(IDLE_MS - 1)
  expect(second - begun).toBeGreaterThanOrEqual(WARM_MS - 1)
  expect(pool.size(request)).toBe(0)
})

it('refuses whoever waits, ends every host and starts none any more when it closes', async () => {
  const { pool, broker, database } = await setUp()
  const request = { database, mode: 'read-only', use: 'statement' } as const
  await Promise.all([pool.lease(request), pool.lease(request)])
  const refused = expect(pool.lease(request)).rejects.toThrow('Offloop is ending')
  await pool.close()
  await refused
  await expect(pool.lease(request)).rejects.toThrow('Offloop is ending')
  expect(broker.hosts.size).toBe(0)
})

it('lends a host to one caller at a time, and the same host again when it is given back', async () => {
  const { pool, broker, database } = await setUp()
  const request = { database, mode: 'read-only', use: 'statement' } as const
  const first = await pool.lease(request)
  const second = await pool.lease(request)
  expect(second.pid).not.toBe(first.pid)
  first.release()
  first.release()
  expect((await pool.lease(request)).pid).toBe(first.pid)
  expect(broker.forked).toBe(2)
  await pool.close()
})
