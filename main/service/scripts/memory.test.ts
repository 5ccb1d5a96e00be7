import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { openFixture, temporaryFolder } from '../app-database/database-fixture.ts'
import { HOST_MEMORY } from '../queries/guard-memory.ts'
import { openTestBroker } from '../queries/broker-fixture.ts'
import { openRunStore } from '../runs/open-run-store.ts'
import { NO_POOLS } from '../scheduler/no-pools-fixture.ts'
import { openScripts } from './scripts.ts'

/** Little enough that a statement is over it before it fills a small machine; an idle host holds about 60 MB. */
const LITTLE_MEMORY = { ...HOST_MEMORY, limitBytes: 300 * 1024 ** 2 }

it('a statement of a script that fills memory has its process ended, and the run says so', async () => {
  const folder = await temporaryFolder()
  const database = join(folder, 'a.db')
  await writeFile(database, '')
  const store = await openRunStore(await openFixture(folder), (message) => {
    throw new Error(message)
  })
  onTestFinished(() => store.close())
  const broker = openTestBroker()
  onTestFinished(() => broker.close())
  const scripts = openScripts({
    store,
    scheduler: NO_POOLS,
    broker: broker.client,
    memory: LITTLE_MEMORY,
    onTrouble: (message) => {
      throw new Error(message)
    },
  })
  onTestFinished(() => scripts.close())
  const sql = 'SELECT length(hex(randomblob(450000000)))'
  const { state } = await scripts.handlers['script.run'](
    { kind: 'query', database, mode: 'read-only', sql, statements: [[0, sql.length]] },
    {
      signal: new AbortController().signal,
      passengers: [],
      emit: () => Promise.resolve(),
      offer: () => true,
    },
  )
  expect(state).toMatchObject({
    kind: 'failed',
    cause: {
      failure: {
        code: 'host-lost',
        message: expect.stringContaining('more than 300 MB of memory') as string,
      },
    },
  })
  expect(broker.hosts.size).toBe(0)
})
