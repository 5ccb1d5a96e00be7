import { describe, expect, it, onTestFinished } from 'vitest'
import type { Failure } from '#contract/failure.ts'
import type { StatementEnd } from '#contract/statement.ts'
import { failureOf } from '#kit/request-failed.ts'
import { HOST_MEMORY } from '../queries/guard-memory.ts'
import { DEAF, isExtensionBuilt, NUMBERS, setUp, type SetupOptions } from '../queries/query-runs-fixture.ts'

/** Little enough that a statement is over it before it fills a small machine; an idle host holds about 60 MB. */
const LITTLE_BYTES = 300 * 1024 ** 2
const GREEDY = 'SELECT length(hex(randomblob(450000000)))'
const ENDLESS_CHANGE = `INSERT INTO t ${NUMBERS} SELECT i FROM n`

interface OpenSession {
  readonly execute: (sql: string, signal?: AbortSignal) => Promise<StatementEnd>
  /** Cancels a statement that never ends by itself, once it has begun. */
  readonly stop: (sql: string) => Promise<Failure>
  /** Why the session has ended. */
  readonly ended: () => Promise<Failure>
  /** What another connection finds. */
  readonly check: () => Promise<number>
}

async function openSession(options: SetupOptions): Promise<OpenSession> {
  const { make, client, start } = await setUp(options)
  const path = await make('a.db', 'CREATE TABLE t (a)')
  const asker = client()
  const closing = new AbortController()
  const request = { database: path, mode: 'read-write', create: false } as const
  const open = asker.stream('session.open', request, { signal: closing.signal })
  const first = await open[Symbol.asyncIterator]().next()
  if (first.done === true) throw new Error('There is no session.')
  const { session } = first.value
  onTestFinished(async () => {
    closing.abort()
    await open.result.catch(() => undefined)
  })
  const execute: OpenSession['execute'] = (sql, signal) =>
    asker.stream('session.execute', { session, sql }, signal ? { signal } : {}).result
  const failing = async (work: Promise<unknown>): Promise<Failure> =>
    work.then(() => ({ code: 'internal', message: 'It did not fail.' }) as const, failureOf)
  return {
    execute,
    async stop(sql) {
      for (let waitMs = 100; ; waitMs *= 2) {
        const stopping = new AbortController()
        const stopped = failing(execute(sql, stopping.signal))
        const timer = setTimeout(() => stopping.abort(), waitMs)
        const failure = await stopped
        clearTimeout(timer)
        // Cancelled before its process had come to it: again, and later.
        const isTooEarly = failure.code === 'cancelled' && failure.message.includes('"')
        if (!isTooEarly) return failure
      }
    },
    ended: () => failing(open.result),
    async check() {
      const checked = await start('SELECT * FROM t', { database: path }).result
      return checked.kind === 'query' && checked.state.kind === 'done' ? checked.progress.rows : -1
    },
  }
}

describe.skipIf(!isExtensionBuilt)('a cancel in a session, with the extension', () => {
  it('stops inside a statement, and the session and its transaction go on', async () => {
    const { execute, stop } = await openSession({ extension: 'on' })
    await execute('BEGIN')
    await execute('INSERT INTO t VALUES (1)')
    expect(await stop(DEAF)).toMatchObject({
      code: 'cancelled',
      details: { engineCode: 'SQLITE_INTERRUPT' },
    })
    expect(await execute('SELECT * FROM t')).toMatchObject({ inTransaction: true, last: { rows: 1 } })
  })

  it('inside a change takes its transaction along, as SQLite does, and says so', async () => {
    const { execute, stop, check } = await openSession({ extension: 'on' })
    await execute('BEGIN')
    await execute('INSERT INTO t VALUES (1)')
    const { code, message } = await stop(ENDLESS_CHANGE)
    expect([code, message]).toEqual(['cancelled', expect.stringContaining('rolled back the transaction')])
    expect(await execute('INSERT INTO t VALUES (2)')).toMatchObject({ inTransaction: false })
    expect(await check()).toBe(1)
  })
})

it('a session whose process must be ended for a cancel has ended, and says so; the file is whole', async () => {
  const { execute, stop, ended, check } = await openSession({ extension: 'off' })
  await execute('INSERT INTO t VALUES (1)')
  await execute('BEGIN')
  const { code, message } = await stop(ENDLESS_CHANGE)
  expect([code, message]).toEqual(['cancelled', expect.stringContaining('its session with it')])
  expect(await ended()).toMatchObject({ code: 'host-lost' })
  expect(await check()).toBe(1)
})

it.each(['proc', 'main'] as const)(
  'a session that fills memory, as %s tells it, has its process ended and says so',
  async (readBy) => {
    // Elsewhere than on Linux the system has no /proc.
    const memory = { limitBytes: LITTLE_BYTES, readBy: readBy === 'proc' ? HOST_MEMORY.readBy : readBy }
    const { execute, ended, check } = await openSession({ memory })
    const failure = await execute(GREEDY).then(() => undefined, failureOf)
    expect(failure).toMatchObject({
      code: 'host-lost',
      message: expect.stringContaining('needed more than 300 MB of memory') as string,
    })
    expect(await ended()).toMatchObject({ code: 'host-lost' })
    expect(await check()).toBe(0)
  },
)
