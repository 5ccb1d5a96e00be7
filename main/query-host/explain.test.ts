import { afterEach, beforeEach, expect, it } from 'vitest'
import { failureOf, openTestHost, type TestHost } from './host-fixture.ts'

let host: TestHost
beforeEach(async () => {
  host = await openTestHost()
  const path = host.make(
    'a.db',
    `CREATE TABLE t (id INTEGER PRIMARY KEY, a, b); CREATE INDEX t_a ON t (a);
     CREATE TABLE u (x); CREATE VIRTUAL TABLE docs USING fts5 (body)`,
  )
  await host.client.call('open', { path, mode: 'read-only' })
})
afterEach(() => host.close())

const plan = async (
  sql: string,
): Promise<
  {
    id: number
    parent: number
    detail: string
    scan: boolean
    covering: boolean
    index?: string | undefined
  }[]
> => (await host.client.call('explain', { sql })).steps

it('marks the steps that read everything, and names the indexes that others use', async () => {
  expect(await plan('SELECT * FROM u')).toMatchObject([{ detail: 'SCAN u', scan: true, covering: false }])
  expect(await plan('SELECT * FROM t WHERE a = :a')).toMatchObject([
    { scan: false, index: 't_a', covering: false },
  ])
  expect(await plan('SELECT a FROM t WHERE a > ? AND a < ?')).toMatchObject([
    { scan: false, index: 't_a', covering: true },
  ])
  expect(await plan('SELECT a FROM t ORDER BY a')).toMatchObject([
    { scan: true, index: 't_a', covering: true },
  ])
  expect(await plan('SELECT * FROM t WHERE id = 1')).toMatchObject([{ scan: false, covering: false }])
  expect(await plan('SELECT 1')).toMatchObject([{ detail: 'SCAN CONSTANT ROW', scan: false }])
  expect(await plan("SELECT * FROM docs WHERE docs MATCH 'x'")).toMatchObject([{ scan: false }])
})

it('tells which step is a part of which', async () => {
  const steps = await plan('SELECT a FROM t UNION SELECT x FROM u ORDER BY 1')
  const [top] = steps
  const ids = new Set(steps.map(({ id }) => id))
  expect(top?.parent).toBe(0)
  expect(steps.length).toBeGreaterThan(2)
  expect(steps.slice(1).every(({ parent }) => ids.has(parent))).toBe(true)
})

it('runs nothing, also of a statement that changes', async () => {
  expect((await plan('DELETE FROM t WHERE b = ?')).map(({ detail }) => detail)).toEqual(['SCAN t'])
  expect((await host.run('SELECT * FROM t')).rows).toBe(0)
})

it('says where in the text as it was given an error is, and refuses what it cannot explain', async () => {
  const failure = await failureOf(plan('  /* so */ SELECT * FROM nope'))
  expect(failure).toMatchObject({ code: 'database', details: { position: 25 } })
  expect((await failureOf(plan('SELECT 1; SELECT 2'))).details).toEqual({ position: 10 })
  expect((await failureOf(plan('EXPLAIN SELECT 1'))).message).toContain('begins with EXPLAIN already')
  expect((await failureOf(plan('  -- nothing'))).message).toContain('no statement')
})
