import { expect, it } from 'vitest'
import type { QuerySpec, Run, RunId } from '#contract/run.ts'
import { isFinal } from '#contract/run.ts'
import { NUMBERS, setUp, until } from './query-runs-fixture.ts'

const QUERIES = 50
const HOSTS = 3
/** Of the three hosts, so many are taken by queries that only a cancel ends. */
const LONG = HOSTS - 1
const ROWS = 1_000

const short = (n: number): string => `SELECT a + ${n} * 0 FROM t`
const ENDLESS = `${NUMBERS} SELECT max(i) FROM n, t`

it(`runs ${QUERIES} queries at once in the order in which they came, and loses and doubles none`, async () => {
  const { start, runs, store, make, broker } = await setUp({ hostLimit: HOSTS })
  const database = await make(
    'many.db',
    `CREATE TABLE t (a); INSERT INTO t ${NUMBERS} SELECT i FROM n LIMIT ${ROWS}`,
  )
  const history = new Map<RunId, Run[]>()
  const began: RunId[] = []
  const stop = store.watch((run) => {
    const states = history.get(run.id) ?? []
    history.set(run.id, [...states, run])
    const wasRunning = states.some(({ state }) => state.kind === 'running')
    if (run.state.kind === 'running' && !wasRunning) began.push(run.id)
    const running = [...history.values()].filter((of) => of.at(-1)?.state.kind === 'running').length
    expect(running).toBeLessThanOrEqual(HOSTS)
  })
  const isLong = (n: number): boolean => n < LONG
  const queries = Array.from({ length: QUERIES }, (_, n) =>
    start(isLong(n) ? ENDLESS : short(n), { database }),
  )
  const shortEnds = await Promise.all(queries.slice(LONG).map(({ result }) => result))

  // All short ones have ended on the one host that is left, while the long ones still run.
  const isUnderWay = (run: Run | undefined): boolean => run?.state.kind === 'running'
  const longOnes = [...history].flatMap(([id, states]) => (isUnderWay(states.at(-1)) ? [id] : []))
  expect(longOnes).toHaveLength(LONG)
  await Promise.all(longOnes.map((id) => runs.cancel(id)))
  const longEnds = await Promise.all(queries.slice(0, LONG).map(({ result }) => result))
  stop()

  const all = [...longEnds, ...shortEnds]
  expect(new Set(all.map(({ id }) => id)).size).toBe(QUERIES)
  expect(longEnds.every(({ state }) => state.kind === 'cancelled')).toBe(true)
  for (const [at, run] of shortEnds.entries()) {
    expect(run).toMatchObject({
      state: { kind: 'done' },
      progress: { rows: ROWS },
      spec: { sql: short(LONG + at) },
    })
  }
  expect(began).toEqual([...began].sort((a, b) => a - b))
  expect(began).toHaveLength(QUERIES)

  const reasons = [...history.values()].map((states) => states.flatMap(({ state }) => reasonsOf(state)))
  expect(reasons.filter((of) => of.includes('hosts-busy'))).toHaveLength(QUERIES - HOSTS)
  for (const states of history.values()) {
    expect(states.filter(({ state }) => isFinal(state))).toHaveLength(1)
    const last = states.at(-1)
    expect(last !== undefined && isFinal(last.state)).toBe(true)
  }
  const { runs: kept } = await store.list({ limit: 500 })
  expect(kept).toEqual(all.sort((a, b) => b.id - a.id))
  expect(await store.unfinished()).toEqual([])

  // The pool is whole: as many as before run at once again, and none of the hosts is more than there may be.
  const again = await Promise.all(Array.from({ length: HOSTS }, () => start(short(0), { database }).result))
  expect(
    again.every(
      ({ state, progress }) => state.kind === 'done' && 'rows' in progress && progress.rows === ROWS,
    ),
  ).toBe(true)
  expect(broker.hosts.size).toBeLessThanOrEqual(HOSTS + 1)
}, 60_000)

it('has a query that only reads never wait for those that write', async () => {
  const { start, runs, store, make } = await setUp({ hostLimit: 1 })
  const database = await make('many.db', 'PRAGMA journal_mode = wal; CREATE TABLE t (a)')
  const write: Partial<QuerySpec> = { database, mode: 'read-write' }
  const writing = until(store, (run) => run.kind === 'query' && run.progress.columns !== null)
  const first = start(`INSERT INTO t ${NUMBERS} SELECT i FROM n`, write)
  const { id } = await writing
  const waiting = until(store, (run) => run.id !== id && reasonsOf(run.state).includes('hosts-busy'))
  const second = start('INSERT INTO t VALUES (1)', write)
  await waiting
  const reading: string[] = []
  const read = start('SELECT count(*) FROM t', { database })
  for await (const { state } of read) reading.push(...reasonsOf(state))
  expect(await read.result).toMatchObject({ state: { kind: 'done' }, progress: { rows: 1 } })
  expect(reading).not.toContain('hosts-busy')
  expect((await store.get(id))?.state.kind).toBe('running')
  await runs.cancel(id)
  expect((await first.result).state.kind).toBe('cancelled')
  expect(await second.result).toMatchObject({ state: { kind: 'done' }, progress: { changes: 1 } })
}, 60_000)

function reasonsOf(state: Run['state']): string[] {
  return state.kind === 'queued' ? state.reasons.map(({ kind }) => kind) : []
}
