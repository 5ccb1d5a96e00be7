import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { ItemOf, ParamsOf } from '#contract/channel.ts'
import type { Run, RunId } from '#contract/run.ts'
import type { ServiceContract } from '#contract/service.ts'
import type { AskedTerms } from '#contract/terms.ts'
import { failed } from '#kit/request-failed.ts'
import { shellLine } from '../commands/open-service-fixture.ts'
import { openForTest, serviceFolder } from '../commands/service-fixture.ts'
import { openTestBroker } from '../queries/broker-fixture.ts'
import { DEAF } from '../queries/query-runs-fixture.ts'

type Service = Awaited<ReturnType<typeof openForTest>>

async function setUp() {
  const folder = await serviceFolder()
  const database = join(folder, 'a.db')
  await writeFile(database, '')
  async function open(): Promise<Service> {
    const broker = openTestBroker()
    onTestFinished(() => broker.close())
    return openForTest(folder, { broker: broker.client })
  }
  const service = await open()
  await service.scheduler.pools.add('one', { concurrency: 1, capacity: 0 })
  return { folder, database, open, service }
}

/** Resolves when a run is as wanted, as the store tells. */
function once({ runs }: Service, wanted: (run: Run) => boolean): Promise<Run> {
  return new Promise((resolve) => {
    const stop = runs.watch((run) => {
      if (!wanted(run)) return
      stop()
      resolve(run)
    })
  })
}

/** Asks for a query as a window does. */
async function ask(service: Service, database: string, sql: string, terms?: AskedTerms, more = {}) {
  const asker = new AbortController()
  const created = once(service, ({ kind, spec }) => kind === 'query' && 'sql' in spec && spec.sql === sql)
  const handler = service.queries?.handlers['query.run']
  if (!handler) throw new Error('unreachable')
  const params = { kind: 'query', database, mode: 'read-write', sql, rows: 'none', terms, ...more } as const
  const result = Promise.resolve(
    handler(params, {
      signal: asker.signal,
      passengers: [],
      emit: () => Promise.resolve(),
      offer: () => true,
    }),
  )
  // Whoever wants to know of a refusal looks at the result itself.
  result.catch(() => undefined)
  const { id } = await Promise.race([created, result])
  return { id, result, asker }
}

/** A command that runs until its file is there. */
async function hold(service: Service, folder: string, terms: AskedTerms = { pool: 'one' }) {
  const file = join(folder, 'go')
  const spec = shellLine(`until [ -e ${file} ]; do sleep 0.02; done`)
  const { id } = await service.scheduler.run({ spec, terms })
  return { id, letGo: () => writeFile(file, '') }
}

const why = ({ scheduler }: Service, id: RunId) => scheduler.reasonsOf(id)
const placesTaken = ({ scheduler }: Service) =>
  scheduler.pools.list().find(({ name }) => name === 'one')?.active

test('a query without terms stands in no pool, and one with terms waits for its place, says so, and has its rows', async () => {
  const { service, folder, database } = await setUp()
  const command = await hold(service, folder)
  const plain = await (await ask(service, database, 'SELECT 1')).result
  expect(plain).toMatchObject({ state: { kind: 'done' } })
  expect(plain.terms).toBeUndefined()

  const first = await ask(service, database, 'SELECT 2', { pool: 'one' })
  const second = await ask(service, database, 'SELECT 3', { pool: 'one' })
  expect(why(service, first.id)).toEqual([{ kind: 'pool-full', pool: 'one', limit: 1, ahead: 0 }])
  expect(why(service, second.id)).toEqual([{ kind: 'pool-full', pool: 'one', limit: 1, ahead: 1 }])
  await command.letGo()
  expect(await first.result).toMatchObject({ state: { kind: 'done' }, progress: { rows: 1 } })
  expect(await second.result).toMatchObject({ state: { kind: 'done' }, terms: { pool: 'one' } })
  expect(existsSync(`${service.resultPath(second.id)}.rows`)).toBe(true)
  expect(placesTaken(service)).toBe(0)
}, 20_000)

test('a command comes after a query, and a query after a command, on success and on failure', async () => {
  const { service, database } = await setUp()
  const good = await ask(service, database, 'SELECT 1', { delayMs: 60_000 })
  const { id: after } = await service.scheduler.run({
    spec: shellLine('exit 3'),
    terms: { after: [{ run: good.id, on: 'success' }] },
  })
  const last = await ask(service, database, 'SELECT 2', { after: [{ run: after, on: 'failure' }] })
  const never = await ask(service, database, 'SELECT 3', { after: [{ run: last.id, on: 'failure' }] })
  expect(why(service, last.id)).toEqual([{ kind: 'after', run: after, on: 'failure' }])
  await expect(
    service.scheduler.edit(good.id, undefined, { after: [{ run: last.id, on: 'end' }] }),
  ).rejects.toThrow('cannot come after itself')

  await service.scheduler.edit(good.id, undefined, {}, ['delayMs'])
  expect(await good.result).toMatchObject({ state: { kind: 'done' } })
  expect(await service.final(after)).toMatchObject({ state: { kind: 'failed', cause: { exitCode: 3 } } })
  expect(await last.result).toMatchObject({ state: { kind: 'done' } })
  expect(await never.result).toMatchObject({ state: { kind: 'dependency-failed', run: last.id } })
}, 20_000)

test('a query and a command that name the same lock never overlap, and the lock is free when the work has really ended', async () => {
  const { service, folder, database } = await setUp()
  const query = await ask(service, database, DEAF, { locks: ['x'] })
  const { id } = await service.scheduler.run({ spec: shellLine('true'), terms: { locks: ['x'] } })
  expect(why(service, id)).toEqual([{ kind: 'lock', lock: 'x', run: query.id, holds: true }])
  await service.scheduler.cancel(query.id)
  expect(await query.result).toMatchObject({ state: { kind: 'cancelled' } })
  expect(await service.final(id)).toMatchObject({ state: { kind: 'done' } })

  const command = await hold(service, folder, { locks: ['x'] })
  const behind = await ask(service, database, 'SELECT 1', { locks: ['x'] })
  expect(why(service, behind.id)).toEqual([{ kind: 'lock', lock: 'x', run: command.id, holds: true }])
  await command.letGo()
  expect(await behind.result).toMatchObject({ state: { kind: 'done' } })
}, 20_000)

test('terminating a pool stops its queries and transfers wherever they are, and each says how', async () => {
  const { service, folder, database } = await setUp()
  const started = once(service, ({ state }) => state.kind === 'running')
  const running = await ask(service, database, DEAF, { pool: 'one' })
  await started
  const waiting = await ask(service, database, 'SELECT 1', { pool: 'one' })
  const file = join(folder, 'out.csv')
  const run = service.transfers?.handlers['transfer.run']
  if (!run) throw new Error('unreachable')
  const source = { kind: 'query', database, sql: 'SELECT 1 AS a' } as const
  const format = { kind: 'json' } as const
  const transfer = run(
    {
      kind: 'transfer',
      transfer: { kind: 'export', source, file, replace: false, format },
      terms: { pool: 'one' },
    },
    {
      signal: new AbortController().signal,
      passengers: [],
      emit: () => Promise.resolve(),
      offer: () => true,
    },
  )
  await once(
    service,
    ({ kind, state }) => kind === 'transfer' && state.kind === 'queued' && state.reasons.length > 0,
  )
  await service.scheduler.pools.change('one', 'terminate')
  expect(await running.result).toMatchObject({
    state: { kind: 'cancelled', startedAt: expect.any(Number) as number },
  })
  expect(await waiting.result).toMatchObject({ state: { kind: 'cancelled', how: 'before-start' } })
  expect(await transfer).toMatchObject({ state: { kind: 'cancelled', how: 'before-start' } })
  expect(existsSync(file)).toBe(false)
  await service.scheduler.pools.join('one', new AbortController().signal)
  expect(placesTaken(service)).toBe(0)
  const refused = await ask(service, database, 'SELECT 2', { pool: 'one' }).catch((error: unknown) => error)
  expect(refused).toMatchObject({ message: expect.stringContaining('The pool is closed') as string })
}, 20_000)

test('a waiting query is held, let go, moved and cancelled; one that runs is neither paused nor restarted', async () => {
  const { service, folder, database } = await setUp()
  await hold(service, folder).then(({ letGo }) => onTestFinished(letGo))
  const query = await ask(service, database, 'SELECT 1', { pool: 'one' })
  expect(await service.scheduler.pause(query.id)).toMatchObject({ terms: { held: true } })
  expect(why(service, query.id)).toContainEqual({ kind: 'held' })
  await service.scheduler.edit(query.id, undefined, { pool: 'default', priority: 5 })
  expect(await service.scheduler.resume(query.id)).toMatchObject({ terms: { pool: 'default', priority: 5 } })
  expect(await query.result).toMatchObject({ state: { kind: 'done' } })

  const asked = await ask(service, database, 'SELECT 2', { held: true })
  asked.asker.abort(failed('cancelled', 'Enough.'))
  expect(await asked.result).toMatchObject({ state: { kind: 'cancelled', how: 'before-start' } })

  const started = once(service, ({ state }) => state.kind === 'running')
  const running = await ask(service, database, DEAF, { priority: 1 })
  await started
  await expect(service.scheduler.pause(running.id)).rejects.toThrow('only commands can be paused')
  await expect(service.scheduler.restart(running.id, 'as-new')).rejects.toThrow('or be restarted')
  await expect(service.scheduler.edit(running.id, undefined, { runLimitMs: 5 })).rejects.toThrow(
    'can be changed',
  )
  await service.scheduler.cancel(running.id)
  await expect(service.scheduler.pause(running.id)).rejects.toMatchObject({ code: 'invalid-params' })
  await expect(
    ask(service, database, 'SELECT 4', { pool: 'one' }, { session: { id: 1, commits: 'auto' } }),
  ).rejects.toThrow('A query in a session')
}, 20_000)

test('a query whose window went away waits on, also through the end of Offloop; a script goes with its asker', async () => {
  const { service, database, open } = await setUp()
  const gone = failed('host-lost', 'The window is gone.')
  const query = await ask(service, database, 'CREATE TABLE made AS SELECT 1 AS a', { held: true })
  query.asker.abort(gone)
  const left = await askScript(service, database, 'SELECT 1')
  left.asker.abort(gone)
  expect(await left.result).toMatchObject({ state: { kind: 'cancelled', how: 'before-start' } })
  const script = await askScript(service, database, 'SELECT 2')
  expect(script.told).toEqual([{ kind: 'waiting', run: script.id, reasons: [{ kind: 'held' }] }])
  await service.close()

  const again = await open()
  expect(await again.runs.get(script.id)).toMatchObject({
    state: { kind: 'lost', message: expect.stringContaining('was not run') as string },
  })
  expect(why(again, query.id)).toEqual([{ kind: 'held' }])
  expect(await again.runs.get(query.id)).toMatchObject({ state: { kind: 'queued' } })
  const ended = again.final(query.id)
  await again.scheduler.resume(query.id)
  expect(await ended).toMatchObject({ state: { kind: 'done' } })
}, 20_000)

async function askScript(service: Service, database: string, sql: string) {
  const handler = service.scripts?.handlers['script.run']
  if (!handler) throw new Error('unreachable')
  const asker = new AbortController()
  const told: ItemOf<ServiceContract, 'script.run'>[] = []
  const created = once(
    service,
    ({ kind, spec, state }) =>
      kind === 'query' &&
      'sql' in spec &&
      spec.sql === sql &&
      state.kind === 'queued' &&
      state.reasons.length > 0,
  )
  const params: ParamsOf<ServiceContract, 'script.run'> = {
    ...{
      kind: 'query',
      database,
      mode: 'read-only',
      sql,
      statements: [[0, sql.length]],
      terms: { held: true },
    },
  }
  const result = Promise.resolve(
    handler(params, {
      signal: asker.signal,
      passengers: [],
      emit: () => Promise.resolve(),
      offer: (item) => told.push(item) > 0,
    }),
  )
  result.catch(() => undefined)
  return { id: (await created).id, result, told, asker }
}
