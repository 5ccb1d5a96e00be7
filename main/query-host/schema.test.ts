import { afterEach, beforeEach, expect, it } from 'vitest'
import { openTestHost, type TestHost } from './host-fixture.ts'

const TABLES = 10_000
/** Of processor time, because a busy machine stretches the clock's. */
const LIMIT_CPU_MS = 2_000

let host: TestHost
beforeEach(async () => {
  host = await openTestHost()
})
afterEach(() => host.close())

it('has indexes, triggers, generated columns, defaults, kinds of tables and the SQL of all', async () => {
  const path = host.make(
    'a.db',
    `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL DEFAULT 'x', b UNIQUE, c AS (b * 2), d AS (b * 3) STORED);
       CREATE INDEX t_ab ON t (a DESC, lower(b)) WHERE b > 0;
       CREATE TABLE s (k TEXT PRIMARY KEY, v INT) STRICT, WITHOUT ROWID;
       CREATE TRIGGER after_t AFTER INSERT ON t BEGIN SELECT 1; END;
       CREATE VIEW v AS SELECT a FROM t;
       CREATE TRIGGER instead INSTEAD OF INSERT ON v BEGIN SELECT 2; END`,
  )
  await host.client.call('open', { path, mode: 'read-only' })
  const { tables } = await host.client.call('schema', {})
  const [s, t, v] = tables
  expect(s).toMatchObject({ name: 's', strict: true, withoutRowid: true })
  expect(s?.indexes).toMatchObject([{ unique: true, origin: 'primary-key', columns: [{ name: 'k' }] }])
  expect(t).toMatchObject({
    strict: false,
    withoutRowid: false,
    sql: expect.stringContaining('CREATE TABLE t') as string,
  })
  expect(t?.columns.map(({ name, generated, defaultValue }) => [name, generated, defaultValue])).toEqual([
    ['id', undefined, undefined],
    ['a', undefined, "'x'"],
    ['b', undefined, undefined],
    ['c', 'virtual', undefined],
    ['d', 'stored', undefined],
  ])
  expect(t?.indexes).toEqual([
    expect.objectContaining({
      unique: true,
      origin: 'unique',
      columns: [{ name: 'b', descending: false }],
    }) as object,
    {
      name: 't_ab',
      unique: false,
      partial: true,
      origin: 'created',
      columns: [
        { name: 'a', descending: true },
        { name: null, descending: false },
      ],
      sql: 'CREATE INDEX t_ab ON t (a DESC, lower(b)) WHERE b > 0',
    },
  ])
  expect(t?.triggers).toMatchObject([{ name: 'after_t' }])
  expect(v).toMatchObject({
    kind: 'view',
    sql: 'CREATE VIEW v AS SELECT a FROM t',
    triggers: [{ name: 'instead' }],
  })
})

it(`is read within ${LIMIT_CPU_MS} ms from a database with ${TABLES} tables`, async () => {
  const sql = Array.from(
    { length: TABLES },
    (_, i) =>
      `CREATE TABLE t${i} (id INTEGER PRIMARY KEY, a TEXT, b REFERENCES t0); CREATE INDEX i${i} ON t${i} (a, b);`,
  )
  const path = host.make('many.db', `BEGIN; ${sql.join('\n')} COMMIT`)
  const before = process.cpuUsage()
  await host.client.call('open', { path, mode: 'read-only' })
  const { tables } = await host.client.call('schema', {})
  const { user, system } = process.cpuUsage(before)
  expect(tables.length).toBe(TABLES)
  expect(tables[TABLES - 1]).toMatchObject({ indexes: [{ columns: [{ name: 'a' }, { name: 'b' }] }] })
  expect((user + system) / 1_000).toBeLessThan(LIMIT_CPU_MS)
})
