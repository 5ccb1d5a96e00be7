import { readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { RunState } from '#contract/run.ts'
import { failureOf } from '#kit/request-failed.ts'
import { openFixture, temporaryFolder } from '../app-database/database-fixture.ts'
import { openRunStore } from '../runs/open-run-store.ts'
import type { RunStore } from '../runs/run-store.ts'
import { collectHourly, collectResults, measureResults, type CollectOptions } from './collect-results.ts'
import { putResult, resultBytes, resultFolder } from './result-fixture.ts'
import { serveResults } from './results.ts'

const MS_PER_DAY = 86_400_000
const DONE: RunState = { kind: 'done', startedAt: 1, endedAt: 2, durationMs: 1 }
const RUNNING: RunState = { kind: 'running', startedAt: 1, stopping: false, adopted: false }

interface Setup {
  readonly folder: string
  readonly store: RunStore
  readonly options: CollectOptions
  /** Adds a run with a result that was written so many days ago. @returns its id. */
  readonly add: (daysAgo: number, ended?: boolean, derivedFrom?: number) => Promise<number>
  readonly limits: { maxAgeDays: number; maxBytes: number }
  /** The ids of which there are files. */
  readonly kept: () => Promise<number[]>
}

async function setUp(): Promise<Setup> {
  const folder = await resultFolder()
  const store = await openRunStore(await openFixture(await temporaryFolder()), (message) => {
    throw new Error(message)
  })
  onTestFinished(() => store.close())
  const limits = { maxAgeDays: 30, maxBytes: 1024 ** 3 }
  return {
    folder,
    store,
    limits,
    options: { folder, store, isOpen: () => false, limits: async () => limits },
    async add(daysAgo, ended = true, derivedFrom) {
      const { id } = await store.create({
        kind: 'query',
        database: '/a.db',
        mode: 'read-only',
        sql: 'SELECT 1',
        ...(derivedFrom === undefined ? {} : { derivedFrom }),
      })
      await store.transition(id, RUNNING)
      if (ended) await store.transition(id, DONE)
      const path = join(folder, String(id))
      await putResult(path, resultBytes(['a'], [[[1n]], [[2n]]]))
      const at = new Date(Date.now() - daysAgo * MS_PER_DAY)
      for (const ending of ['rows', 'index']) await utimes(`${path}.${ending}`, at, at)
      return id
    },
    async kept() {
      const ids = (await readdir(folder)).map((name) => Number.parseInt(name, 10))
      return [...new Set(ids)].sort((a, b) => a - b)
    },
  }
}

it('removes what is older than the setting allows, and nothing that is younger or still being written', async () => {
  const { add, options, kept } = await setUp()
  const old = await add(31)
  const running = await add(31, false)
  const young = await add(29)
  expect(await collectResults(options)).toBe(1)
  expect(await kept()).toEqual([running, young])
  expect(old).toBe(1)
})

it('removes the oldest first until all together are small enough', async () => {
  const { add, options, kept, limits, folder } = await setUp()
  const [middle, oldest, newest] = [await add(5), await add(9), await add(1)]
  const size =
    (await stat(join(folder, `${newest}.rows`))).size + (await stat(join(folder, `${newest}.index`))).size
  limits.maxBytes = 2 * size
  expect(await collectResults(options)).toBe(1)
  expect(await kept()).toEqual([middle, newest])
  expect(oldest).toBe(2)
  limits.maxBytes = 0
  await collectResults(options)
  expect(await kept()).toEqual([])
})

it('removes a look at a result after an hour, and not its result', async () => {
  const { add, options, kept } = await setUp()
  const result = await add(1)
  const fresh = await add(0, true, result)
  await add(0.1, true, result)
  expect(await measureResults(options.folder)).toMatchObject({ results: 3 })
  expect(await collectResults(options)).toBe(1)
  expect(await kept()).toEqual([result, fresh])
  const { results, bytes } = await measureResults(options.folder)
  expect(results).toBe(2)
  expect(bytes).toBeGreaterThan(0)
})

it('keeps a result that somebody reads, and takes it once it is closed', async () => {
  const { add, options, kept, store, folder } = await setUp()
  const id = await add(31)
  const results = serveResults({ store, resultPath: (run) => join(folder, String(run)) })
  onTestFinished(() => results.close())
  const context = { signal: new AbortController().signal, passengers: [] }
  expect(await results.handlers['result.describe']({ id }, context)).toMatchObject({ rows: 2 })
  expect(await collectResults({ ...options, isOpen: results.isOpen })).toBe(0)
  expect(await kept()).toEqual([id])
  await results.close()
  expect(await collectResults({ ...options, isOpen: results.isOpen })).toBe(1)
  const gone = async (): Promise<unknown> => results.handlers['result.describe']({ id }, context)
  const failure = await gone().then(() => undefined, failureOf)
  expect(failure).toMatchObject({ code: 'not-found', message: expect.stringContaining('is gone') as string })
})

it('removes files without a run, and leaves what is none of its own', async () => {
  const { add, options, folder } = await setUp()
  const id = await add(1)
  const names = ['77.rows', '77.index', '78.index', 'notes.txt', '0.rows', '-1.rows', '79.rows.bak']
  for (const name of names) await writeFile(join(folder, name), 'x')
  expect(await collectResults(options)).toBe(2)
  expect((await readdir(folder)).sort()).toEqual(
    [`${id}.index`, `${id}.rows`, '-1.rows', '0.rows', '79.rows.bak', 'notes.txt'].sort(),
  )
})

it('collects at the start, tells of what did not work, and ends when it is told to', async () => {
  const { options, folder } = await setUp()
  const told = Promise.withResolvers<string>()
  await rm(folder, { recursive: true })
  const stop = collectHourly({ ...options, onTrouble: (message) => told.resolve(message) })
  expect(await told.promise).toBe('Old results could not be removed.')
  await stop()
  await writeFile(folder, '')
})
