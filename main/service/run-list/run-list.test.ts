import { expect, onTestFinished, test } from 'vitest'
import { MAX_LISTED_TEXT, type RunFilter, type RunOrder } from '#contract/run-list.ts'
import { DEFAULT_TERMS } from '#contract/terms.ts'
import { openAppDatabase } from '../app-database/client.ts'
import { databaseFile, openFixture, temporaryFolder } from '../app-database/database-fixture.ts'
import { MIGRATIONS, WORKER } from '../app-database/locations-fixture.ts'
import { openRunStore } from '../runs/open-run-store.ts'
import { openRunList } from './run-list.ts'

const NEWEST_FIRST: RunOrder = { by: 'id', descending: true }

async function opened() {
  const folder = await temporaryFolder()
  const database = await openFixture(folder)
  const troubles: string[] = []
  const store = await openRunStore(database, (message) => troubles.push(message))
  const list = openRunList({
    store,
    usage: { glance: () => [] },
    openReader: () =>
      openAppDatabase({ worker: WORKER, file: databaseFile(folder), migrations: MIGRATIONS, readOnly: true }),
    reasonsOf: () => undefined,
  })
  onTestFinished(async () => {
    await list.close()
    await store.close()
  })
  return {
    store,
    add: (line: string, pool = 'default') =>
      store.create(
        { kind: 'command', command: { kind: 'shell', line }, folder: '/', environment: {} },
        { terms: { ...DEFAULT_TERMS, pool }, reasons: [] },
      ),
    async find(filter: RunFilter, order: RunOrder = NEWEST_FIRST): Promise<number[]> {
      const { ids } = await list.find(filter, order)
      return [...ids]
    },
    page: list.page,
  }
}

test('a list of 10,000 runs is found as numbers, and read a page at a time', async () => {
  const { add, find, page } = await opened()
  await Promise.all(Array.from({ length: 10_000 }, (_, n) => add(`echo ${n}`)))
  const ids = await find({})
  expect(ids).toEqual(Array.from({ length: 10_000 }, (_, n) => 10_000 - n))
  expect((await page(ids.slice(4_000, 4_100))).map(({ id }) => id)).toEqual(ids.slice(4_000, 4_100))
})

test('runs are found by state, pool, kind and words', async () => {
  const { store, add, find } = await opened()
  await add('make 100% clean', 'builds')
  await add('make test')
  await store.create({ kind: 'query', database: '/a.db', mode: 'read-only', sql: 'SELECT "made"' })
  await store.transition(2, { kind: 'running', startedAt: 1, stopping: false, adopted: false })
  expect(await find({ states: ['running'] })).toEqual([2])
  expect(await find({ pool: 'builds' })).toEqual([1])
  expect(await find({ kind: 'query' })).toEqual([3])
  expect(await find({ text: 'MAKE' })).toEqual([2, 1])
  expect(await find({ text: 'make 0%' })).toEqual([1])
  expect(await find({ text: '"made"' })).toEqual([3])
})

test('runs are sorted by what they have, those that lack it last', async () => {
  const { store, add, find } = await opened()
  for (const [line, durationMs] of [
    ['c', 30],
    ['a', 10],
    ['b', 20],
  ] as const) {
    const { id } = await add(line)
    await store.transition(id, { kind: 'running', startedAt: id, stopping: false, adopted: false })
    await store.transition(id, { kind: 'done', startedAt: id, endedAt: id + durationMs, durationMs })
  }
  await add('d')
  expect(await find({}, { by: 'text', descending: false })).toEqual([2, 3, 1, 4])
  expect(await find({}, { by: 'duration', descending: true })).toEqual([1, 3, 2, 4])
  expect(await find({}, { by: 'duration', descending: false })).toEqual([2, 3, 1, 4])
})

test('a page has of a long text what a line shows, and leaves out what was deleted', async () => {
  const { add, page } = await opened()
  await add('x'.repeat(50_000))
  const [run] = await page([99, 1])
  expect(run?.kind === 'command' && run.spec.command).toEqual({
    kind: 'shell',
    line: 'x'.repeat(MAX_LISTED_TEXT),
  })
})

test('a look at a result is not listed', async () => {
  const { store, find } = await opened()
  await store.create({ kind: 'query', database: '/a.db', mode: 'read-only', sql: 'SELECT 1', derivedFrom: 7 })
  await store.create({ kind: 'query', database: '/a.db', mode: 'read-only', sql: `SELECT '"derivedFrom":'` })
  expect(await find({})).toEqual([2])
})
