import { expect, it } from 'vitest'
import { HOST_MEMORY } from './guard-memory.ts'
import { DEAF, ENDLESS, failureIn, isExtensionBuilt, setUp } from './query-runs-fixture.ts'

const LIMIT_MS = 300
/** Little enough that a statement is over it before it fills a small machine; an idle host holds about 60 MB. */
const LITTLE_MEMORY = { ...HOST_MEMORY, limitBytes: 300 * 1024 ** 2 }

it('of time ends a statement between rows, and says what it was given', async () => {
  const { start, broker } = await setUp()
  const run = await start(ENDLESS, { budget: { timeoutMs: LIMIT_MS } }).result
  expect(run.state).toMatchObject({ kind: 'timed-out', limitMs: LIMIT_MS, how: 'between-rows' })
  expect(run.kind === 'query' && run.progress.rows).toBeGreaterThan(0)
  expect(run.state.kind === 'timed-out' && run.state.durationMs).toBeGreaterThanOrEqual(LIMIT_MS)
  expect((await start('SELECT 1').result).state.kind).toBe('done')
  expect(broker.forked).toBe(1)
})

it('of time ends the process of a statement that hears nothing', async () => {
  const { start } = await setUp()
  const run = await start(DEAF, { budget: { timeoutMs: LIMIT_MS } }).result
  expect(run.state).toMatchObject({ kind: 'timed-out', how: 'process-ended' })
  expect(run.state.kind === 'timed-out' && run.state.durationMs).toBeLessThan(LIMIT_MS + 1_000)
})

it.skipIf(!isExtensionBuilt)('of time interrupts a statement where that is possible', async () => {
  const { start } = await setUp({ extension: 'on' })
  const run = await start(DEAF, { budget: { timeoutMs: LIMIT_MS } }).result
  expect(run.state).toMatchObject({ kind: 'timed-out', how: 'interrupted' })
})

it('of time does not count the waiting for a host, and is no end for a statement that keeps to it', async () => {
  const { start } = await setUp({ hostLimit: 1 })
  const first = start(DEAF, { budget: { timeoutMs: 2 * LIMIT_MS } })
  const second = start('SELECT 1', { budget: { timeoutMs: LIMIT_MS } })
  expect((await first.result).state.kind).toBe('timed-out')
  expect((await second.result).state).toMatchObject({ kind: 'done' })
})

it('of rows is a run that is done, and says by what it was limited', async () => {
  const { start } = await setUp()
  const run = await start(ENDLESS, { budget: { rows: 1_000 } }).result
  expect(run).toMatchObject({ state: { kind: 'done', limitedBy: 'rows' }, progress: { rows: 1_000 } })
  const small = await start('SELECT :a', { params: { a: 1 }, budget: { rows: 1_000 } }).result
  expect(small.state).not.toHaveProperty('limitedBy')
})

it('of memory, which every process has, ends that process alone and says so', async () => {
  const { start } = await setUp({ memory: LITTLE_MEMORY })
  const other = start(`${ENDLESS} LIMIT 300000`)
  const greedy = await start('SELECT length(hex(randomblob(450000000)))').result
  expect(failureIn(greedy.state)).toMatchObject({
    code: 'host-lost',
    message: expect.stringContaining('needed more than 300 MB of memory, so its process was ended') as string,
  })
  expect((await other.result).state.kind).toBe('done')
  expect((await start('SELECT 1').result).state.kind).toBe('done')
})
