import { once } from 'node:events'
import { mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { RequestFailed } from '#kit/request-failed.ts'
import { putResult, resultBytes } from '../results/result-fixture.ts'
import {
  DEAF,
  ENDLESS,
  failureIn,
  hasRows,
  isExtensionBuilt,
  isInside,
  isRunning,
  NUMBERS,
  setUp,
  until,
} from './query-runs-fixture.ts'

describe('a query', () => {
  it('goes from queued over running to done, is told at every step, and is in the history with its rows', async () => {
    const { start, store } = await setUp()
    const query = start(`${ENDLESS} LIMIT 10000`)
    const kinds = new Set<string>()
    for await (const { state } of query) kinds.add(state.kind)
    const run = await query.result
    expect([...kinds].slice(0, 2)).toEqual(['queued', 'running'])
    expect(run).toMatchObject({ kind: 'query', state: { kind: 'done' }, progress: { rows: 10_000 } })
    expect(await store.get(run.id)).toEqual(run)
  })

  it('fails with the message of the engine, or of the file that cannot be opened', async () => {
    const { start, folder } = await setUp()
    const wrong = await start('SELEC 1').result
    expect(failureIn(wrong.state)).toMatchObject({
      code: 'database',
      details: { engineCode: 'SQLITE_ERROR', position: 0 },
    })
    const missing = await start('SELECT 1', { database: join(folder, 'missing.db') }).result
    expect(failureIn(missing.state)).toMatchObject({ code: 'not-found', details: { engineCode: 'ENOENT' } })
  })

  it('goes on when its window goes away', async () => {
    const { start, store } = await setUp()
    const running = until(store, isRunning)
    const query = start(`${ENDLESS} LIMIT 2000000`)
    query.result.catch(() => undefined)
    const { id } = await running
    const done = until(store, (run) => run.id === id && run.state.kind === 'done')
    query.leave()
    expect(await done).toMatchObject({ progress: { rows: 2_000_000 } })
  })
})

describe('50 queries at once on one database', () => {
  it('lose nothing, double nothing, and the short ones pass a long one', async () => {
    const { start, runs, store, make, broker } = await setUp({ hostLimit: 2 })
    const database = await make('a.db', 'CREATE TABLE t (n)')
    const running = until(store, isInside)
    const long = start(DEAF, { database })
    const { id } = await running
    const short = Array.from({ length: 49 }, (_, n) =>
      n % 5 === 0
        ? start(`INSERT INTO t VALUES (${n})`, { database, mode: 'read-write' })
        : start(`${ENDLESS} LIMIT ${n}`, { database }),
    )
    const ended = await Promise.all(short.map(({ result }) => result))
    expect(ended.map(({ state }) => state.kind)).toEqual(ended.map(() => 'done'))
    expect(ended.map(({ progress }) => progress)).toMatchObject(
      ended.map((_, n) => (n % 5 === 0 ? { rows: 0, changes: 1 } : { rows: n, changes: null })),
    )
    expect(new Set(ended.map((run) => run.id)).size).toBe(49)
    expect((await store.get(id))?.state.kind).toBe('running')
    const { runs: history } = await store.list({ limit: 100 })
    expect(history.map((run) => run.id)).toEqual(Array.from({ length: 50 }, (_, n) => 50 - n))
    const inserted = await start('SELECT n FROM t', { database }).result
    expect(inserted.kind === 'query' && inserted.progress.rows).toBe(10)
    // Two that read, two that write, and never more.
    expect(broker.forked).toBeLessThanOrEqual(4)
    await runs.cancel(id)
    expect((await long.result).state.kind).toBe('cancelled')
  })
})

describe('cancelling without the extension', () => {
  it('stops between two rows, keeps the rows so far and the host for the next query', async () => {
    const { start, runs, store, broker } = await setUp()
    const growing = until(store, hasRows)
    const query = start(ENDLESS)
    const { id } = await growing
    const begun = performance.now()
    await runs.cancel(id)
    expect(performance.now() - begun).toBeLessThan(1_000)
    const run = await query.result
    expect(run.state).toMatchObject({ kind: 'cancelled', how: 'between-rows' })
    expect(hasRows(run)).toBe(true)
    expect((await start('SELECT 1').result).state.kind).toBe('done')
    expect(broker.forked).toBe(1)
  })

  it('ends the process of a statement that does not hear it, within 1 s, and the next query gets another', async () => {
    const { start, store, broker } = await setUp()
    const cancelling = new AbortController()
    const running = until(store, isInside)
    const query = start(DEAF, { signal: cancelling.signal })
    await running
    const stopping = until(store, ({ state }) => state.kind === 'running' && state.stopping)
    const begun = performance.now()
    cancelling.abort()
    await stopping
    expect((await query.result).state).toMatchObject({ kind: 'cancelled', how: 'process-ended' })
    expect(performance.now() - begun).toBeLessThan(1_000)
    expect(broker.hosts.size).toBe(0)
    expect((await start('SELECT 1').result).state.kind).toBe('done')
  })

  it('rolls an unfinished change back when it ends the process', async () => {
    const { start, runs, store, make } = await setUp()
    const database = await make('change.db', 'CREATE TABLE t (a)')
    const running = until(store, isInside)
    const query = start(`INSERT INTO t ${ENDLESS}`, { database, mode: 'read-write' })
    await runs.cancel((await running).id)
    expect((await query.result).state).toMatchObject({ kind: 'cancelled', how: 'process-ended' })
    const next = await start('INSERT INTO t VALUES (1)', { database, mode: 'read-write' }).result
    expect(next).toMatchObject({ state: { kind: 'done' }, progress: { changes: 1 } })
    expect(await start('SELECT a FROM t', { database }).result).toMatchObject({ progress: { rows: 1 } })
  })

  it('takes a waiting query out of the line before it starts', async () => {
    const { start, runs, store } = await setUp({ hostLimit: 1 })
    const running = until(store, isRunning)
    const first = start(ENDLESS)
    const { id } = await running
    const waits = until(
      store,
      ({ state }) => state.kind === 'queued' && state.reasons[0]?.kind === 'hosts-busy',
    )
    const second = start('SELECT 1')
    const waiting = await waits
    expect(waiting.state).toEqual({ kind: 'queued', reasons: [{ kind: 'hosts-busy', limit: 1 }] })
    await runs.cancel(waiting.id)
    expect((await second.result).state).toMatchObject({ kind: 'cancelled', how: 'before-start' })
    await runs.cancel(id)
    await first.result
  })
})

describe.skipIf(!isExtensionBuilt)('cancelling with the extension', () => {
  it.each([
    ['an aggregate over an endless query', DEAF],
    ['a cross join', `WITH n (i) AS (${NUMBERS} SELECT i FROM n LIMIT 100000) SELECT count(*) FROM n a, n b`],
    ['a sort', `${NUMBERS} SELECT i FROM n ORDER BY -i`],
    ['a change', `INSERT INTO t ${ENDLESS}`],
    ['a change that answers with rows', `INSERT INTO t ${ENDLESS} RETURNING a`],
  ])('stops %s inside the statement, and its host goes on', async (_, sql) => {
    const { start, runs, store, broker, make } = await setUp({ extension: 'on' })
    const database = await make('change.db', 'CREATE TABLE t (a)')
    const running = until(store, isInside)
    const query = start(sql, { database, mode: 'read-write' })
    const { id } = await running
    await runs.cancel(id)
    expect((await query.result).state).toMatchObject({ kind: 'cancelled', how: 'interrupted' })
    const count = await start('INSERT INTO t SELECT count(*) FROM t', { database, mode: 'read-write' }).result
    expect(count).toMatchObject({ state: { kind: 'done' }, progress: { changes: 1 } })
    expect(await start('SELECT a FROM t WHERE a = 0', { database, mode: 'read-write' }).result).toMatchObject(
      {
        progress: { rows: 1 },
      },
    )
    expect(broker.forked).toBe(1)
  })

  it('keeps the rows so far', async () => {
    const { start, runs, store, broker } = await setUp({ extension: 'on' })
    const growing = until(store, hasRows)
    const query = start(ENDLESS)
    await runs.cancel((await growing).id)
    const run = await query.result
    expect(run.state).toMatchObject({
      kind: 'cancelled',
      how: expect.stringMatching(/^(between-rows|interrupted)$/) as string,
    })
    expect(hasRows(run)).toBe(true)
    expect((await start('SELECT 1').result).state.kind).toBe('done')
    expect(broker.forked).toBe(1)
  })
})

describe('the line for hosts', () => {
  it('is served in order of arrival, and the schema does not wait in it', async () => {
    const { start, runs, store, make, broker } = await setUp({ hostLimit: 1 })
    const database = await make('a.db', 'CREATE TABLE t (a)')
    const running = until(store, isRunning)
    const first = start(ENDLESS, { database })
    const { id } = await running
    const ended: number[] = []
    store.watch(({ id: which, state }) => {
      if (state.kind === 'done') ended.push(which)
    })
    const created: number[] = []
    for (let index = 0; index < 3; index += 1) {
      const queued = until(store, ({ state }) => state.kind === 'queued' && state.reasons.length > 0)
      start('SELECT 1', { database }).result.catch(() => undefined)
      created.push((await queued).id)
    }
    const { signal } = new AbortController()
    expect((await runs.readSchema(database, signal)).tables.map(({ name }) => name)).toEqual(['t'])
    await runs.checkDatabase(database, 'read-only', signal)
    expect(ended).toEqual([])
    const last = until(store, (run) => run.id === created[2] && run.state.kind === 'done')
    await runs.cancel(id)
    await first.result
    await last
    expect(ended).toEqual(created)
    expect(broker.forked).toBe(2)
  })
})

describe('a host that dies', () => {
  it('fails its own query within 1 s with the rows so far kept, and no other', async () => {
    const { start, store, broker, resultPath } = await setUp()
    const growing = until(store, hasRows)
    const query = start(ENDLESS)
    await growing
    const [victim] = broker.hosts.values()
    const otherRunning = until(store, (run) => isRunning(run) && !hasRows(run))
    const other = start(`${ENDLESS} LIMIT 500000`)
    await otherRunning
    const begun = performance.now()
    victim?.kill('SIGKILL')
    const run = await query.result
    expect(performance.now() - begun).toBeLessThan(1_000)
    expect(failureIn(run.state)).toMatchObject({
      code: 'host-lost',
      message: expect.stringContaining('ended unexpectedly') as string,
    })
    expect(hasRows(run)).toBe(true)
    expect((await stat(`${resultPath(run.id)}.rows`)).size).toBeGreaterThan(0)
    expect(await other.result).toMatchObject({ state: { kind: 'done' }, progress: { rows: 500_000 } })
  })

  it('is replaced when it dies idle', async () => {
    const { start, broker } = await setUp()
    await start('SELECT 1').result
    const [victim] = broker.hosts.values()
    if (!victim) throw new Error('There is no idle host.')
    const ended = once(victim, 'exit')
    victim.kill('SIGKILL')
    await ended
    expect((await start('SELECT 1').result).state.kind).toBe('done')
    expect(broker.forked).toBe(2)
  })
})

describe('the start of the service', () => {
  it('declares unfinished queries lost with what is known of them, and runs none again', async () => {
    const { runs, store, resultPath, folder, broker } = await setUp()
    const spec = {
      kind: 'query',
      database: join(folder, 'own.db'),
      mode: 'read-only',
      sql: 'SELECT 1',
    } as const
    const waiting = await store.create(spec)
    const running = await store.create(spec)
    await store.transition(running.id, { kind: 'running', startedAt: 1, stopping: false, adopted: false })
    await mkdir(join(folder, 'results'))
    const bytes = resultBytes(['a'], [[[1n], [2n]], [[3n]]])
    await putResult(resultPath(running.id), { rows: bytes.rows.subarray(0, (bytes.chunkEnds[0] ?? 0) + 10) })
    await runs.reconcile()
    expect((await store.get(waiting.id))?.state).toMatchObject({
      kind: 'lost',
      message: expect.stringContaining('not run') as string,
    })
    expect(await store.get(running.id)).toMatchObject({
      state: { kind: 'lost', message: expect.stringContaining('2 rows were kept') as string },
      progress: { rows: 2 },
    })
    expect(broker.forked).toBe(0)
  })
})

it('checking a file says what is wrong with it and leaves no process behind', async () => {
  const { runs, folder, broker } = await setUp()
  const { signal } = new AbortController()
  await expect(runs.checkDatabase(folder, 'read-only', signal)).rejects.toThrow(RequestFailed)
  expect(broker.hosts.size).toBe(0)
  expect(await readdir(folder)).not.toContain('results')
})
