import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { QuerySpec, RunId } from '#contract/run.ts'
import { attemptOf } from '../commands/attempt.ts'
import { shellLine } from '../commands/open-service-fixture.ts'
import { openForTest, processesOf, serviceFolder, serviceProcess } from '../commands/service-fixture.ts'
import { waitForRuns } from '../runs/wait-for-runs.ts'
import type { RunRequest } from './run-request.ts'
import { serveScheduler } from './serve-scheduler.ts'

type Service = Awaited<ReturnType<typeof openForTest>>

async function opened(): Promise<Service & { folder: string; add: typeof add }> {
  const folder = await serviceFolder()
  const service = await openForTest(folder)
  async function add(line: string, request: Partial<RunRequest> = {}): Promise<RunId> {
    return (await service.scheduler.run({ spec: shellLine(line), ...request })).id
  }
  return { ...service, folder, add }
}

const out = (service: Service, id: RunId, number = 1): string =>
  readFileSync(attemptOf(service.runsFolder, id, number).output, 'utf8')
const kindOf = async (service: Service, id: RunId): Promise<string | undefined> =>
  (await service.runs.get(id))?.state.kind
const query: QuerySpec = { kind: 'query', database: '/db', mode: 'read-only', sql: 'SELECT 1' }
const fail = { count: 5, delayMs: 0, backoff: 1, maxDelayMs: 0, jitter: 0, on: ['failed' as const] }

test('a run waits for its place, says so, and starts when another was killed from outside: at once', async () => {
  const service = await opened()
  await service.scheduler.pools.add('p', { concurrency: 1, capacity: 0 })
  const first = await service.add('exec sleep 100', { terms: { pool: 'p' } })
  const second = await service.add('echo second', { terms: { pool: 'p' } })
  expect((await service.runs.get(second))?.state).toEqual({
    kind: 'queued',
    reasons: [{ kind: 'pool-full', pool: 'p', limit: 1, ahead: 0 }],
  })
  const { state } = (await service.runs.get(first)) ?? {}
  process.kill(state?.kind === 'running' ? (state.pid ?? 0) : 0, 'SIGKILL')
  expect((await service.final(second)).state.kind).toBe('done')
  expect((await service.runs.get(first))?.state).toMatchObject({ kind: 'killed', signal: 9 })
})

test('stopping everything ends what runs, also what is paused, and keeps what waits for the next start', async () => {
  const folder = await serviceFolder()
  const service = await openForTest(folder)
  await service.scheduler.pools.add('p', { concurrency: 2, capacity: 0 })
  const add = async (line: string): Promise<RunId> =>
    (await service.scheduler.run({ spec: shellLine(line), terms: { pool: 'p' } })).id
  const running = await add('exec sleep 100')
  const paused = await add('exec sleep 100')
  const waiting = await add(`echo x >> ${folder}/waited`)
  await service.scheduler.pause(paused)
  await service.scheduler.stopAll()
  for (const id of [running, paused]) expect(await kindOf(service, id)).toBe('cancelled')
  expect(await kindOf(service, waiting)).toBe('queued')
  await service.close()

  const next = await openForTest(folder)
  expect((await next.final(waiting)).state.kind).toBe('done')
  expect(readFileSync(`${folder}/waited`, 'utf8')).toBe('x\n')
})

test('after kill -9 of the service what waited goes on, behind what was taken over', async () => {
  const folder = await serviceFolder()
  const first = await serviceProcess(folder, 'sleep 1; exit 4')
  await first.kill()
  const [run] = first.runs
  if (!run) throw new Error('unreachable')

  const service = await openForTest(folder)
  await service.scheduler.pools.add('p', { concurrency: 1, capacity: 7 })
  const spec = shellLine(`echo x >> ${folder}/after`)
  const after = await service.scheduler.run({ spec, terms: { after: [{ run: run.id, on: 'failure' }] } })
  const held = await service.scheduler.run({ spec: shellLine('echo held'), terms: { pool: 'p', held: true } })
  expect(after.state).toMatchObject({ kind: 'queued', reasons: [{ kind: 'after', run: run.id }] })
  await service.close()

  const next = await openForTest(folder)
  expect(next.scheduler.pools.list().find(({ name }) => name === 'p')).toMatchObject({
    concurrency: 1,
    capacity: 7,
  })
  expect((await next.final(run.id)).state).toMatchObject({ kind: 'failed', cause: { exitCode: 4 } })
  expect((await next.final(after.id)).state.kind).toBe('done')
  expect(readFileSync(`${folder}/after`, 'utf8')).toBe('x\n')
  expect(next.scheduler.reasonsOf(held.id)).toEqual([{ kind: 'held' }])
  await next.scheduler.resume(held.id)
  expect((await next.final(held.id)).state.kind).toBe('done')
})

test('a run has the whole environment of its asker, and nothing of the service’s own', async () => {
  const service = await opened()
  const id = await service.add('/usr/bin/env', {
    environment: JSON.stringify({ ONLY: 'this', PATH: '/bin:/usr/bin' }),
  })
  await service.final(id)
  const names = out(service, id)
    .split('\n')
    .map((line) => line.split('=')[0])
  expect(names).toContain('ONLY')
  expect(names).not.toContain('HOME')
  expect(JSON.stringify(await service.runs.get(id))).not.toContain('ONLY')
  // And so has its restart.
  await service.scheduler.restart(id, 'as-new')
  expect(await service.runs.environment(id + 1)).toEqual(
    JSON.stringify({ ONLY: 'this', PATH: '/bin:/usr/bin' }),
  )
})

test('a timeout ends the whole tree, and says what was given', async () => {
  const service = await opened()
  const id = await service.add('setsid sleep 100 & sleep 100', { terms: { runLimitMs: 300 } })
  expect((await service.final(id)).state).toMatchObject({
    kind: 'timed-out',
    limitMs: 300,
    how: 'terminated',
  })
  expect(await processesOf(service.folder)).toEqual([])
})

test('a paused run is halted, keeps its place, goes on, and can be cancelled while it is halted', async () => {
  const service = await opened()
  await service.scheduler.pools.add('p', { concurrency: 1, capacity: 0 })
  const id = await service.add('while :; do date +%N; done', { terms: { pool: 'p' } })
  expect((await service.scheduler.pause(id)).state.kind).toBe('paused')
  const size = out(service, id).length
  const waiting = await service.add('true', { terms: { pool: 'p' } })
  expect(await kindOf(service, waiting)).toBe('queued')
  expect(out(service, id).length).toBe(size)
  expect((await service.scheduler.resume(id)).state.kind).toBe('running')
  await expect.poll(() => out(service, id).length, { timeout: 5_000 }).toBeGreaterThan(size)
  await service.scheduler.pause(id)
  await service.close()

  const next = await openForTest(service.folder)
  expect((await next.runs.get(id))?.state).toMatchObject({ kind: 'paused', adopted: true })
  await next.scheduler.cancel(id)
  expect((await next.runs.get(id))?.state.kind).toBe('cancelled')
  expect((await next.final(waiting)).state.kind).toBe('done')
  await expect(next.scheduler.pause(id)).rejects.toThrow('cannot be paused')
  await expect(next.scheduler.resume(id)).rejects.toThrow('is not paused')
})

describe('attempts', () => {
  test('each have a log and a record of their own, and a restart adds one', async () => {
    const service = await opened()
    const line = `echo x >> ${service.folder}/count; n=$(wc -l < ${service.folder}/count); echo $n; test $n -ge 3`
    const id = await service.add(line, { terms: { retries: fail } })
    expect((await service.final(id)).state.kind).toBe('done')
    expect([1, 2, 3].map((number) => out(service, id, number).trim())).toEqual(['1', '2', '3'])
    const before = await service.runs.attempts(id)
    expect(before.map(({ number, state }) => [number, state.kind])).toEqual([
      [1, 'failed'],
      [2, 'failed'],
    ])
    expect(await service.scheduler.restart(id, 'in-place')).toMatchObject({ id, attempt: 4 })
    await service.final(id)
    expect(out(service, id, 4).trim()).toBe('4')
    expect(await service.runs.attempts(id)).toHaveLength(3)
  })

  test('pause before the next also across a restart of the service', async () => {
    const service = await opened()
    const pause = { ...fail, delayMs: 60_000, maxDelayMs: 60_000 }
    const id = await service.add('exit 1', { terms: { retries: pause } })
    await expect.poll(() => service.scheduler.reasonsOf(id)?.[0]?.kind).toBe('retry')
    const before = service.scheduler.reasonsOf(id)
    await service.close()

    const next = await openForTest(service.folder)
    const [reason] = next.scheduler.reasonsOf(id) ?? []
    expect(reason).toMatchObject({ kind: 'retry', attempt: 2 })
    const [at, then] = [reason, before?.[0]].map((one) => (one?.kind === 'retry' ? one.at : 0))
    expect(Math.abs((at ?? 0) - (then ?? 0))).toBeLessThan(1_000)
    await next.scheduler.cancel(id)
  })

  test('end with a cancel, and are not begun while processes of the last are alive', async () => {
    const service = await opened()
    const id = await service.add('exit 1', {
      terms: { retries: { ...fail, delayMs: 60_000, maxDelayMs: 60_000 } },
    })
    await expect.poll(() => service.scheduler.reasonsOf(id)?.[0]?.kind).toBe('retry')
    await expect(service.scheduler.restart(id, 'in-place')).rejects.toThrow('has not ended')
    await service.scheduler.cancel(id)
    expect(await kindOf(service, id)).toBe('cancelled')

    const stubborn = await service.add('sleep 100 >/dev/null 2>&1 & exit 0')
    await service.final(stubborn)
    const left = await processesOf(service.folder)
    if (left.length > 0)
      await expect(service.scheduler.restart(stubborn, 'in-place')).rejects.toThrow('still alive')
    for (const pid of left) process.kill(pid, 'SIGKILL')
    await expect.poll(() => processesOf(service.folder)).toEqual([])
  })
})

test('a run can come after a query, and one that is not there is refused', async () => {
  const service = await opened()
  const { id } = await service.runs.create(query)
  const after = await service.add('echo after', { terms: { after: [{ run: id, on: 'success' }] } })
  await expect(service.scheduler.delete(id)).rejects.toThrow('has not ended')
  await service.runs.transition(id, { kind: 'running', startedAt: 1, stopping: false, adopted: false })
  await service.runs.transition(id, { kind: 'done', startedAt: 1, endedAt: 2, durationMs: 1 })
  expect((await service.final(after)).state.kind).toBe('done')
  const before = await service.runs.list({ limit: 10 })
  await expect(service.add('true', { terms: { after: [{ run: 999, on: 'end' }] } })).rejects.toThrow(
    'no run 999',
  )
  await expect(service.add('true', { terms: { pool: 'nowhere' } })).rejects.toThrow('no pool "nowhere"')
  expect(await service.runs.list({ limit: 10 })).toEqual(before)
})

test('a run that others wait for cannot be deleted; one that ended can, and its id is not given again', async () => {
  const service = await opened()
  await service.scheduler.pools.add('p', { concurrency: 1, capacity: 0 })
  const id = await service.add('exit 1', { terms: { held: true } })
  const waiting = await service.add('true', { terms: { pool: 'p', after: [{ run: id, on: 'success' }] } })
  await service.scheduler.pools.change('p', 'pause')
  await service.scheduler.resume(id)
  await service.final(id)
  await expect(service.scheduler.delete(id)).rejects.toThrow(`Run ${waiting} comes after run ${id}`)
  await service.scheduler.cancel(waiting)
  await service.scheduler.delete(waiting)
  expect(await service.runs.get(waiting)).toBeUndefined()
  expect(await service.add('true')).toBe(waiting + 1)
  await service.final(waiting + 1)
})

test('Queue(maxsize): who waits for room gets it in order of arrival, or leaves', async () => {
  const service = await opened()
  await service.scheduler.pools.add('p', { concurrency: 1, capacity: 1 })
  const pool = { pool: 'p' }
  const running = await service.add('sleep 100', { terms: pool })
  const waiting = await service.add('true', { terms: pool })
  await expect(service.add('true', { terms: pool, whenFull: 'refuse' })).rejects.toMatchObject({
    code: 'queue-full',
  })
  await expect(service.add('true', { terms: pool, roomWaitMs: 10 })).rejects.toMatchObject({
    code: 'queue-full',
  })
  const leaving = new AbortController()
  const gone = service.add('true', { terms: pool, signal: leaving.signal })
  const second = service.add('true', { terms: pool })
  const third = service.add('true', { terms: pool })
  leaving.abort(new Error('left'))
  await expect(gone).rejects.toThrow('left')
  await service.scheduler.kill(running)
  expect(await second).toBeLessThan(await third)
  await service.final(waiting)
  await service.final(await third)
})

test('gather: a batch is answered in its order, and stops with its first failure when it is to', async () => {
  const service = await opened()
  const { scheduler, schedules, runs, runsFolder } = service
  const handlers = serveScheduler({
    ...{ scheduler, schedules, store: runs, folder: runsFolder, vault: service.vault, environment: {} },
  })
  const { signal } = new AbortController()
  // One after the other: of two at once the second could fail before the first has ended.
  await scheduler.pools.add('line', { concurrency: 1, capacity: 0 })
  const terms = { pool: 'line' }
  const commands = ['exit 0', 'exit 3', 'sleep 100'].map((line) => ({ ...shellLine(line), terms }))
  const batch = await handlers['batch.run']({ commands, onFailure: 'stop' }, { signal, passengers: [] })
  if (!('runs' in batch)) throw new Error('unreachable')
  const ids = batch.runs.map(({ id }) => id)
  expect(ids).toEqual([...ids].sort((a, b) => a - b))
  const { finished } = await waitForRuns(runs, { ids, until: 'all' }, signal)
  expect(finished.map(({ state }) => state.kind)).toEqual(['done', 'failed', 'cancelled'])
})

test('a batch of thousands goes to disk in one step, and none of it where not all have room', async () => {
  const service = await opened()
  await service.scheduler.pools.add('p', { concurrency: 1, capacity: 0 })
  await service.scheduler.pools.change('p', 'pause')
  const { commits } = service.database.counts
  const many = Array.from({ length: 2_000 }, () => ({ spec: shellLine('true'), terms: { pool: 'p' } }))
  const { runs } = await service.scheduler.runBatch(many, 'go-on')
  expect(runs).toHaveLength(2_000)
  // One for the batch's number, and one for all of its runs.
  expect(service.database.counts.commits - commits).toBe(2)
  expect(service.scheduler.pools.list().find(({ name }) => name === 'p')?.waiting.size).toBe(2_000)
  await service.scheduler.pools.change('p', 'terminate')

  await service.scheduler.pools.add('small', { concurrency: 1, capacity: 2 })
  const terms = { pool: 'small' }
  const refused = ['sleep 1', 'true', 'true', 'true'].map((line) => ({ spec: shellLine(line), terms }))
  const before = (await service.runs.list({ limit: 1 })).runs[0]?.id
  await expect(
    service.scheduler.runBatch(
      refused.map((one) => ({ ...one, whenFull: 'refuse' as const })),
      'go-on',
    ),
  ).rejects.toMatchObject({ code: 'queue-full' })
  expect((await service.runs.list({ limit: 1 })).runs[0]?.id).toBe(before)
  const waited = await service.scheduler.runBatch(
    refused.map((one) => ({ ...one, spec: shellLine('true') })),
    'go-on',
  )
  for (const { id } of waited.runs) expect((await service.final(id)).state.kind).toBe('done')
})

describe('asyncio.wait(tasks, timeout): waiting for a selection', () => {
  test('answers what is finished and what is not, and cancels nothing', async () => {
    const service = await opened()
    const { signal } = new AbortController()
    const slow = await service.add('sleep 100')
    const quick = await service.add('exit 1')
    const ids = [slow, quick, quick]
    const first = await waitForRuns(service.runs, { ids, until: 'first-failure' }, signal)
    expect([first.finished, first.unfinished].map((runs) => runs.map(({ id }) => id))).toEqual([
      [quick],
      [slow],
    ])
    const late = await waitForRuns(service.runs, { ids, until: 'all', deadlineMs: 1 }, signal)
    expect(late.unfinished.map(({ id }) => id)).toEqual([slow])
    expect(await kindOf(service, slow)).toBe('running')
    await expect(waitForRuns(service.runs, { ids: [999], until: 'all' }, signal)).rejects.toThrow(
      'no run 999',
    )
    const leaving = new AbortController()
    const left = waitForRuns(service.runs, { ids, until: 'all' }, leaving.signal)
    leaving.abort(new Error('left'))
    await expect(left).rejects.toThrow('left')
    await service.scheduler.kill(slow)
  })
})

test('a cancel that comes before the start keeps the command from ever starting', async () => {
  const service = await opened()
  const beginning = service.add(`touch ${service.folder}/proof`, { terms: { delayMs: 60_000 } })
  const id = await beginning
  await service.scheduler.cancel(id)
  expect((await service.runs.get(id))?.state).toMatchObject({ kind: 'cancelled', how: 'before-start' })
  expect(existsSync(`${service.folder}/proof`)).toBe(false)
})
