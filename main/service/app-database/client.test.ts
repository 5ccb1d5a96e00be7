import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { databaseFile, openFixture, temporaryFolder } from './database-fixture.ts'

const setting = (key: string) => ({ settings: [{ key, value: '"value"' }] })

test('requests that come together share a commit', async () => {
  const database = await openFixture(await temporaryFolder())
  const requests = Array.from({ length: 500 }, (_, index) =>
    database.ask('setting.write', setting(`key-${index}`)),
  )
  await Promise.all(requests)
  expect(database.counts.requests).toBe(500)
  expect(database.counts.commits).toBeLessThan(50)
  expect(await database.ask('setting.read')).toHaveLength(500)
})

test('an operation that fails is undone whole; those beside it are kept', async () => {
  const database = await openFixture(await temporaryFolder())
  const good = database.ask('setting.write', setting('before'))
  const bad = database.ask('setting.write', {
    // A row that violates NOT NULL after a good one: both belong to the same operation.
    settings: [
      { key: 'half', value: '1' },
      { key: 'null', value: null as unknown as string },
    ],
  })
  const alsoGood = database.ask('setting.write', setting('after'))
  await expect(bad).rejects.toMatchObject({
    code: 'database',
    failure: { details: { engineCode: 'SQLITE_CONSTRAINT_NOTNULL' } },
  })
  await Promise.all([good, alsoGood])
  expect((await database.ask('setting.read')).map(({ key }) => key)).toEqual(['after', 'before'])
})

test('what was acknowledged is there after kill -9 of the process', async () => {
  const folder = await temporaryFolder()
  const entry = fileURLToPath(new URL('./process-fixture.ts', import.meta.url))
  const child = spawn(process.execPath, [entry, databaseFile(folder)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const acknowledged: string[] = []
  for await (const line of createInterface(child.stdout)) {
    acknowledged.push(line)
    if (acknowledged.length === 25) child.kill('SIGKILL')
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  expect(acknowledged.length).toBeGreaterThanOrEqual(25)

  const database = await openFixture(folder)
  const kept = new Set((await database.ask('setting.read')).map(({ key }) => key))
  expect(acknowledged.filter((key) => !kept.has(key))).toEqual([])
})

test('a closed app database refuses, and has kept what was asked before', async () => {
  const folder = await temporaryFolder()
  const database = await openFixture(folder)
  const asked = database.ask('setting.write', setting('last'))
  await database.close()
  await asked
  await expect(database.ask('setting.read')).rejects.toMatchObject({ code: expect.any(String) as string })
  expect(await (await openFixture(folder)).ask('setting.read')).toHaveLength(1)
})
