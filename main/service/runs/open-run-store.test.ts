import Sqlite from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import type { CommandSpec, QuerySpec, Run } from '#contract/run.ts'
import { DEFAULT_TERMS } from '#contract/terms.ts'
import { databaseFile, openFixture, temporaryFolder } from '../app-database/database-fixture.ts'
import { openRunStore, type OpenRunStore } from './open-run-store.ts'

const command: CommandSpec = {
  kind: 'command',
  command: { kind: 'shell', line: 'true' },
  folder: '/',
  environment: {},
}
const query: QuerySpec = { kind: 'query', database: '/db', mode: 'read-only', sql: 'SELECT 1' }
const running = { kind: 'running' as const, startedAt: 5, stopping: false, adopted: false }
const done = { kind: 'done' as const, startedAt: 5, endedAt: 6, durationMs: 1 }

async function openStore(folder: string): Promise<{
  store: OpenRunStore
  troubles: string[]
  /** Ends this service as far as the store goes; the next may then open the folder. */
  end: () => Promise<void>
}> {
  const troubles: string[] = []
  const database = await openFixture(folder)
  const store = await openRunStore(database, (message) => troubles.push(message))
  onTestFinished(() => store.close())
  const end = async (): Promise<void> => {
    await store.close()
    await database.close()
  }
  return { store, troubles, end }
}

test('a run is on disk with its intent before it may start, and its life is there after a restart', async () => {
  const folder = await temporaryFolder()
  const first = await openStore(folder)
  const { id } = await first.store.create(command)
  await first.store.transition(id, running)
  first.store.progress(id, { bytes: 10, lines: 2 })
  await first.store.transition(id, done)
  const waiting = await first.store.create(query)
  await first.end()

  const { store } = await openStore(folder)
  expect(await store.get(id)).toMatchObject({
    kind: 'command',
    spec: command,
    state: done,
    progress: { bytes: 10, lines: 2 },
  })
  expect((await store.unfinished()).map((run) => run.id)).toEqual([waiting.id])
  const db = new Sqlite(databaseFile(folder), { readonly: true })
  const kinds = db
    .prepare("SELECT state ->> 'kind' AS kind FROM transitions WHERE run_id = ? ORDER BY sequence")
    .all(id)
  db.close()
  expect(kinds).toEqual([{ kind: 'queued' }, { kind: 'running' }, { kind: 'done' }])
})

/** The states of a run's steps as the disk has them. */
function kindsOnDisk(folder: string, id: number): unknown[] {
  const db = new Sqlite(databaseFile(folder), { readonly: true })
  const steps = db.prepare(
    "SELECT state ->> 'kind' AS kind FROM transitions WHERE run_id = ? ORDER BY sequence",
  )
  const kinds = steps.pluck().all(id)
  db.close()
  return kinds
}

test('a step that something else tells of as well is written with the next, or a moment later, and is refused like any', async () => {
  const folder = await temporaryFolder()
  const { store, end } = await openStore(folder)
  const short = await store.create(command)
  const long = await store.create(command)
  const told: string[] = []
  store.watch((run) => told.push(`${run.id} ${run.state.kind}`))
  store.step(short.id, running)
  store.step(long.id, running)
  expect(told).toEqual([`${short.id} running`, `${long.id} running`])
  expect(kindsOnDisk(folder, short.id)).toEqual(['queued'])

  await store.transition(short.id, done)
  expect(kindsOnDisk(folder, short.id)).toEqual(['queued', 'running', 'done'])
  await expect.poll(() => kindsOnDisk(folder, long.id)).toEqual(['queued', 'running'])

  expect(() => store.step(short.id, running)).toThrow('no run')
  expect(() => store.step(long.id, { kind: 'queued', reasons: [] })).toThrow(
    'running and cannot become queued',
  )

  const last = await store.create(command)
  store.step(last.id, running)
  await end()
  expect(kindsOnDisk(folder, last.id)).toEqual(['queued', 'running'])
})

test('a step that waits to be written does not come over another attempt', async () => {
  const folder = await temporaryFolder()
  const { store, end } = await openStore(folder)
  const { id } = await store.create(command)
  store.step(id, running)
  const failed = { ...done, kind: 'failed' as const, cause: { kind: 'exit' as const, exitCode: 1 } }
  await store.again(id, failed, DEFAULT_TERMS, [])
  await end()
  expect(kindsOnDisk(folder, id)).toEqual(['queued', 'running', 'queued'])
  const { store: next } = await openStore(folder)
  expect(next.present(id)?.state.kind).toBe('queued')
})

test('a final state never changes, not even after a restart', async () => {
  const folder = await temporaryFolder()
  const first = await openStore(folder)
  const { id } = await first.store.create(command)
  await first.store.transition(id, running)
  await first.store.transition(id, done)
  await expect(first.store.transition(id, running)).rejects.toThrow('is done and cannot become running')
  await first.end()
  const { store } = await openStore(folder)
  await expect(store.transition(id, { kind: 'lost', endedAt: 9, message: '' })).rejects.toThrow(
    'cannot become lost',
  )
  expect((await store.get(id))?.state).toEqual(done)
})

test('an unknown run has no state to change', async () => {
  const { store } = await openStore(await temporaryFolder())
  expect(await store.get(99)).toBeUndefined()
  await expect(store.transition(99, running)).rejects.toThrow('There is no run 99')
})

test('ids are never given twice, not even after the newest run was deleted', async () => {
  const folder = await temporaryFolder()
  const first = await openStore(folder)
  await first.store.create(command)
  const { id } = await first.store.create(command)
  await first.end()
  const db = new Sqlite(databaseFile(folder))
  db.prepare('DELETE FROM runs').run()
  db.close()
  const { store } = await openStore(folder)
  expect((await store.create(command)).id).toBe(id + 1)
})

test('lists go from the newest down, page by page', async () => {
  const { store } = await openStore(await temporaryFolder())
  await Promise.all(Array.from({ length: 7 }, () => store.create(command)))
  const first = await store.list({ limit: 3 })
  expect(first.runs.map(({ id }) => id)).toEqual([7, 6, 5])
  expect(first.more).toBe(true)
  const rest = await store.list({ before: 5, limit: 4 })
  expect(rest.runs.map(({ id }) => id)).toEqual([4, 3, 2, 1])
  expect(rest.more).toBe(false)
})

test('a look at a result is in no list, whatever the words of other queries', async () => {
  const { store } = await openStore(await temporaryFolder())
  const { id } = await store.create({ ...query, params: { derivedFrom: 1 } })
  const look = await store.create({ ...query, database: `result:${id}`, derivedFrom: id })
  await store.create({ ...query, sql: `SELECT '"derivedFrom":1'` })
  expect((await store.list({ limit: 10 })).runs.map((run) => run.id)).toEqual([look.id + 1, id])
  expect(await store.get(look.id)).toMatchObject({ spec: { derivedFrom: id } })
})

test('a list of very long queries ends early and says that there are more', async () => {
  const { store } = await openStore(await temporaryFolder())
  for (let count = 0; count < 3; count++) await store.create({ ...query, sql: `-- ${'x'.repeat(5_000_000)}` })
  const page = await store.list({ limit: 10 })
  expect(page.runs.map(({ id }) => id)).toEqual([3])
  expect(page.more).toBe(true)
})

test('watchers hear of every change at once, and the store answers with what they heard', async () => {
  const { store } = await openStore(await temporaryFolder())
  const heard: Run[] = []
  const stopWatching = store.watch((run) => heard.push(run))
  const { id } = await store.create(command)
  const saved = store.transition(id, running)
  expect(heard.at(-1)?.state).toEqual(running)
  await saved
  store.progress(id, { bytes: 3, lines: 1 })
  expect(heard.at(-1)?.progress).toEqual({ bytes: 3, lines: 1 })
  expect(await store.get(id)).toEqual(heard.at(-1))
  expect((await store.list({ limit: 1 })).runs).toEqual([heard.at(-1)])
  stopWatching()
  await store.transition(id, done)
  expect(heard.at(-1)?.state).toEqual(running)
})

test('progress reaches the disk while the run goes on', async () => {
  const folder = await temporaryFolder()
  const { store } = await openStore(folder)
  const { id } = await store.create(command)
  await store.transition(id, running)
  store.progress(id, { bytes: 77, lines: 7 })
  const db = new Sqlite(databaseFile(folder), { readonly: true })
  onTestFinished(() => void db.close())
  const progress = db.prepare("SELECT progress ->> 'bytes' AS bytes FROM runs WHERE id = ?")
  await expect.poll(() => progress.get(id), { timeout: 5_000 }).toEqual({ bytes: 77 })
})

test('progress after the end changes nothing', async () => {
  const { store } = await openStore(await temporaryFolder())
  const { id } = await store.create(command)
  await store.transition(id, running)
  await store.transition(id, done)
  store.progress(id, { bytes: 1, lines: 1 })
  expect((await store.get(id))?.progress).toEqual({ bytes: 0, lines: null })
})

test('a row that does not fit is reported and passed over; the others are there', async () => {
  const folder = await temporaryFolder()
  const first = await openStore(folder)
  for (let count = 0; count < 4; count++) await first.store.create(command)
  await first.end()
  const db = new Sqlite(databaseFile(folder))
  db.prepare(`UPDATE runs SET state = '{"kind":"dreaming"}' WHERE id = 2`).run()
  db.prepare(`UPDATE runs SET spec = 'not JSON' WHERE id = 3`).run()
  db.close()

  const { store, troubles } = await openStore(folder)
  expect(troubles.join()).toMatch(/Run 2 is not stored as it should be \(state.*Run 3 .* not JSON/)
  expect((await store.unfinished()).map(({ id }) => id)).toEqual([1, 4])
  expect((await store.list({ limit: 10 })).runs.map(({ id }) => id)).toEqual([4, 1])
  await expect(store.get(2)).rejects.toMatchObject({ code: 'database' })
})

test('how long a command took is known from its own runs that were done, the newest first', async () => {
  const { store } = await openStore(await temporaryFolder())
  const ended = async (spec: CommandSpec, state: Run['state']): Promise<void> => {
    const { id } = await store.create(spec)
    await store.transition(id, running)
    await store.transition(id, state)
  }
  const other: CommandSpec = { ...command, folder: '/tmp' }
  await ended(command, { ...done, durationMs: 1 })
  await ended(other, { ...done, durationMs: 2 })
  await ended(command, { ...done, durationMs: 3 })
  await ended(command, { ...done, kind: 'failed', cause: { kind: 'exit', exitCode: 1 }, durationMs: 4 })
  await ended(command, { ...done, durationMs: 5 })
  expect(await store.commandDurations({ ...command }, 2)).toEqual([5, 3])
  expect(await store.commandDurations(other, 5)).toEqual([2])
})
