import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Run } from '#contract/run.ts'
import { ENDLESS, isExtensionBuilt, isInside, NUMBERS, setUp, until } from './query-runs-fixture.ts'

/** Cancel takes effect within this, whatever the statement does. */
const CANCEL_LIMIT_MS = 1_000
/** The database answers again within this, from the cancel on; a machine that is busy with other things gets longer, */
const WHOLE_AGAIN_MS = 2_000
/** by so many times what a first query takes on it, which starts a process as well. */
const FIRST_QUERIES = 4
/** Rows that are there before, and must be there after. */
const ROWS = 60_000
/** Long enough that a statement has begun to write. */
const INTO_IT_MS = 250

const JOURNALS = ['delete', 'wal'] as const
/** Takes about 0.15 ms for a row, and SQLite cannot work it out once for all rows. */
const SLOW = `length(replace(hex(zeroblob(20000 + a % 2)), '0', 'ab'))`
/** A table, and one each that makes checking and indexing slow. */
const FILL = `PRAGMA ignore_check_constraints = ON;
  CREATE TABLE t (a, b); INSERT INTO t ${NUMBERS} SELECT i, hex(randomblob(200)) FROM n LIMIT ${ROWS};
  CREATE TABLE checked (a, CHECK (${SLOW} > a)); INSERT INTO checked SELECT a FROM t LIMIT 20000;
  CREATE TABLE indexed (a); INSERT INTO indexed SELECT a FROM t LIMIT 3000;
  CREATE INDEX indexed_slow ON indexed (${SLOW} + a)`
/** Without the checks, which would take as long as they are made to. */
const CHECK = `PRAGMA ignore_check_constraints = ON; PRAGMA integrity_check; SELECT count(*) FROM t;
  SELECT group_concat(name) FROM (SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite%' ORDER BY name)`
const WHOLE = `ok\n${ROWS}\nchecked,indexed,indexed_slow,t`

const WRITING = [
  ['INSERT … SELECT', `INSERT INTO t ${NUMBERS} SELECT i, hex(randomblob(200)) FROM n`],
  [
    'UPDATE of every row, again and again',
    `UPDATE t SET b = (SELECT max(b) FROM t AS other WHERE other.a <> t.a)`,
  ],
  [
    'CREATE INDEX',
    `CREATE INDEX slow ON t (b, (a + 0), (b || a), (length(b) || b), (lower(b) || b), (b || b || b))`,
  ],
  ['VACUUM', 'VACUUM'],
  ['REINDEX', 'REINDEX'],
  ['ANALYZE', 'ANALYZE'],
] as const

const READING = [
  ['a check of the whole file', 'PRAGMA integrity_check'],
  ['a huge sort', `${NUMBERS} SELECT i, hex(randomblob(50)) AS h FROM n ORDER BY h`],
  ['a cross join aggregate', 'SELECT count(*) FROM t AS x, t AS y WHERE x.a + y.a > 1'],
  ['an endless recursive query', ENDLESS],
] as const

async function shell(path: string, sql: string): Promise<string> {
  const child = spawn('sqlite3', [path, sql], { stdio: ['ignore', 'pipe', 'inherit'] })
  const texts: string[] = []
  child.stdout.on('data', (data: Buffer) => texts.push(data.toString()))
  await once(child, 'close')
  return texts.join('').trim()
}

const isOver = ({ state }: Run): boolean => state.kind !== 'queued' && state.kind !== 'running'

/** A quick machine may be quicker than the cancel of these. */
const QUICK: ReadonlySet<string> = new Set(['VACUUM', 'ANALYZE', 'REINDEX'])

/** The extension interrupts in the same way whatever the journal is; a kill leaves another one behind in each mode. */
const WAYS = [
  ['off', 'delete'],
  ['off', 'wal'],
  ...(isExtensionBuilt ? [['on', 'wal'] as const] : []),
] as const
const CASES = WAYS.flatMap(([extension, journal]) =>
  // What only reads leaves nothing behind that depends on the journal.
  [...WRITING, ...(extension === 'off' && journal === 'wal' ? [] : READING)].map(
    ([what, sql]) => [what, journal, extension, sql] as const,
  ),
)

/** The databases are made once: filling one takes longer than most of what is tried on it. */
let templates: string
beforeAll(async () => {
  templates = await mkdtemp(join(tmpdir(), 'offloop-kill-'))
  for (const journal of JOURNALS) {
    await shell(join(templates, `${journal}.db`), `PRAGMA journal_mode = ${journal}; ${FILL}`)
  }
})
afterAll(() => rm(templates, { recursive: true }))

describe('a cancel', () => {
  it.each(CASES)(
    'of %s, journal mode %s and extension %s, takes effect within 1 s and leaves the database whole',
    async (_, journal, extension, sql) => {
      const { folder, start, store } = await setUp({ extension })
      const database = join(folder, 'a.db')
      await copyFile(join(templates, `${journal}.db`), database)
      const beforeFirst = performance.now()
      await start('SELECT 1', { database, mode: 'read-only' }).result
      const limit = Math.max(WHOLE_AGAIN_MS, FIRST_QUERIES * (performance.now() - beforeFirst))
      const cancelling = new AbortController()
      const inside = until(store, (run) => isInside(run) || isOver(run))
      const query = start(sql, { database, mode: 'read-write', signal: cancelling.signal })
      await inside
      if (!QUICK.has(sql)) await delay(INTO_IT_MS)
      const begun = performance.now()
      cancelling.abort()
      const { state } = await query.result
      const took = performance.now() - begun
      expect(QUICK.has(sql) ? ['cancelled', 'done'] : ['cancelled']).toContain(state.kind)
      const polite = ['interrupted', 'between-rows']
      if (state.kind === 'cancelled' && extension === 'on') expect(polite).toContain(state.how)
      expect(took).toBeLessThan(CANCEL_LIMIT_MS)

      // Both a reader, which must not put back anything itself, and a writer.
      const seen = await start('SELECT count(*) FROM t', { database, mode: 'read-only' }).result
      const changed = await start('UPDATE t SET a = 0 WHERE a = 1', { database, mode: 'read-write' }).result
      expect([seen.state.kind, changed.state.kind]).toEqual(['done', 'done'])
      expect(performance.now() - begun - took).toBeLessThan(limit)
      expect(await shell(database, CHECK)).toBe(WHOLE)
    },
    60_000,
  )
})
