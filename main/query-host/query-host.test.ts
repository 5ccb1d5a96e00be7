import { chmod, mkdir, open as openFile, readdir, stat, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RowsItem } from '#contract/query-host.ts'
import { BOTH_WAYS } from './accelerator/library-fixture.ts'
import {
  breakOffChange,
  cellsOf,
  failureOf,
  lockElsewhere,
  openTestHost,
  rowsChannel,
  type TestHost,
} from './host-fixture.ts'

/** The user id that owns nothing, on the systems where these tests run as root. */
const NOBODY = 65_534
const ENDLESS = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n'
const MANY = (rows: number): string => `${ENDLESS} LIMIT ${rows}`

/** Runs work as a user who may read nothing of root's; an ordinary user already is one. */
async function asNobody<R>(work: () => Promise<R>): Promise<R> {
  if (process.getuid?.() !== 0) return work()
  process.seteuid?.(NOBODY)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}

describe.each(BOTH_WAYS)('a query host %s', (_, library) => {
  let host: TestHost
  beforeEach(async () => {
    host = await openTestHost(library)
  })
  afterEach(() => host.close())

  const open = (path: string, mode: 'read-only' | 'read-write' = 'read-only'): Promise<unknown> =>
    host.client.call('open', { path, mode })

  describe('opening a database', () => {
    it('says what is wrong with a file that cannot be opened, each time in other words', async () => {
      await mkdir(host.at('folder'))
      await writeFile(host.at('letter.txt'), 'Dear reader, this is no database at all.')
      await writeFile(host.at('short'), 'x')
      const failures = await Promise.all(
        ['missing.db', 'folder', 'letter.txt', 'short', 'letter.txt/inside'].map((name) =>
          failureOf(open(host.at(name))),
        ),
      )
      expect(failures.map(({ code, message }) => [code, message.replaceAll(host.folder, '')])).toEqual([
        ['not-found', 'There is no file /missing.db. It may have been moved or deleted; choose it again.'],
        ['database', '/folder is a folder. Choose a database file in it.'],
        ['database', '/letter.txt is not a SQLite database, or it is encrypted. Choose another file.'],
        ['database', '/short is not a SQLite database, or it is encrypted. Choose another file.'],
        [
          'not-found',
          'There is no file /letter.txt/inside. It may have been moved or deleted; choose it again.',
        ],
      ])
    })

    it('refuses names that the engine would take for another file', async () => {
      for (const path of [':memory:', 'relative.db', `${host.at('a.db')} `]) {
        expect((await failureOf(open(path))).message).toContain('cannot be opened')
      }
      expect(await readdir(host.folder)).toEqual([])
    })

    it('opens an empty file as an empty database', async () => {
      await writeFile(host.at('empty.db'), '')
      await open(host.at('empty.db'))
      expect((await host.client.call('schema', {})).tables).toEqual([])
    })

    it('says that a damaged database is damaged, and can open another one afterwards', async () => {
      const path = host.make('damaged.db', 'CREATE TABLE t (a); INSERT INTO t VALUES (1)')
      const file = await openFile(path, 'r+')
      await file.write(Buffer.alloc(400, 0xa5), 0, 400, 100)
      await file.close()
      const failure = await failureOf(open(path).then(() => host.run('SELECT * FROM t')))
      expect(failure, failure.message).toMatchObject({ code: 'database' })
      expect(failure.details?.engineCode).toMatch(/^SQLITE_(CORRUPT|NOTADB)/)
      await open(host.make('whole.db', 'CREATE TABLE t (a)'))
      expect(await host.run('SELECT * FROM t')).toEqual({ rows: 0, changes: null })
    })

    it('says "locked by another program" after trying for 5 s, and stops trying when it is cancelled', async () => {
      const path = host.make('locked.db', 'CREATE TABLE t (a)')
      const release = await lockElsewhere(path)
      try {
        const cancelling = new AbortController()
        const cancelled = failureOf(
          host.client.call('open', { path, mode: 'read-only' }, { signal: cancelling.signal }),
        )
        const start = performance.now()
        cancelling.abort()
        expect((await cancelled).code).toBe('cancelled')
        expect(performance.now() - start).toBeLessThan(1_000)
        const waited = await failureOf(open(path))
        expect(waited).toMatchObject({ code: 'database', details: { engineCode: 'SQLITE_BUSY' } })
        expect(waited.message).toContain('locked by another program')
        expect(performance.now() - start).toBeGreaterThan(5_000)
      } finally {
        await release()
      }
      await open(path)
    })

    it('waits for the next writer to put back a change that was broken off, and says so when none comes', async () => {
      const path = host.make('broken.db', 'CREATE TABLE t (a); INSERT INTO t VALUES (1)')
      await breakOffChange(path)
      const failure = await failureOf(open(path))
      expect(failure).toMatchObject({ code: 'database', details: { engineCode: 'SQLITE_READONLY_ROLLBACK' } })
      expect(failure.message).toContain(
        'left in the middle of a change by another program. Open it read-write once',
      )
      const opening = open(path)
      const writer = await openTestHost(library)
      await writer.client.call('open', { path, mode: 'read-write' })
      await opening
      expect(await host.run('SELECT * FROM t WHERE a = 1')).toMatchObject({ rows: 1 })
      await writer.close()
    })

    it('goes on by itself when the lock is released in time', async () => {
      const path = host.make('locked.db', 'CREATE TABLE t (a)')
      const release = await lockElsewhere(path)
      const opening = open(path)
      await release()
      await opening
    })

    it('asks for a database before it answers anything else', async () => {
      expect((await failureOf(host.client.call('schema', {}))).message).toBe(
        'No database is open here. Open one first.',
      )
    })
  })

  describe('read-only mode', () => {
    it('leaves the folder of a database in WAL mode as it was', async () => {
      const path = host.make(
        'wal.db',
        'PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)',
      )
      const before = await stat(path)
      await open(path)
      expect(await host.run('SELECT * FROM t')).toMatchObject({ rows: 1 })
      await host.client.call('close', {})
      expect((await readdir(host.folder)).filter((name) => !name.startsWith('result'))).toEqual(['wal.db'])
      expect((await stat(path)).mtimeMs).toBe(before.mtimeMs)
    })

    it('writes nothing by any door', async () => {
      const path = host.make('a.db', 'CREATE TABLE t (a); INSERT INTO t VALUES (1)')
      await open(path)
      await host.run('PRAGMA query_only = OFF')
      const doors = [
        'INSERT INTO t VALUES (2)',
        'CREATE TABLE u (a)',
        'CREATE TEMP TABLE u (a)',
        `VACUUM INTO '${host.at('copy.db')}'`,
        `/* */ -- \n ; vacuum into '${host.at('copy.db')}'`,
        `ATTACH '${host.at('new.db')}' AS new`,
        "SELECT load_extension('x')",
        "SELECT writefile('x', 'y')",
      ]
      for (const sql of doors) expect((await failureOf(host.run(sql))).code, sql).toBe('database')
      await host.client.call('close', {})
      expect((await readdir(host.folder)).filter((name) => !name.startsWith('result'))).toEqual(['a.db'])
    })
  })

  describe('running a statement', () => {
    it('returns rows of PRAGMA, EXPLAIN and RETURNING, and counts the rows that a statement changed', async () => {
      await open(host.make('a.db', 'CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)'), 'read-write')
      expect(await host.run('PRAGMA table_info(t)')).toEqual({ rows: 1, changes: null })
      expect((await host.run('EXPLAIN SELECT 1')).rows).toBeGreaterThan(0)
      expect(await host.run('INSERT INTO t VALUES (3), (4) RETURNING a')).toEqual({ rows: 2, changes: 2 })
      expect(await host.run('UPDATE t SET a = a + 1')).toEqual({ rows: 0, changes: 4 })
      expect(await host.run('CREATE TABLE u (a)')).toEqual({ rows: 0, changes: 0 })
      expect(await host.run('SELECT a FROM t')).toEqual({ rows: 4, changes: null })
    })

    it('refuses what is not exactly one statement, and what would reach into the next run', async () => {
      await open(host.make('a.db', 'CREATE TABLE t (a)'), 'read-write')
      const said = async (sql: string): Promise<string> => (await failureOf(host.run(sql))).message
      expect(await said('  ')).toBe('There is no statement to run. Write one, for example SELECT 1.')
      expect(await said('-- only this')).toContain('only a comment')
      expect(await said('SELECT 1; SELECT 2')).toContain('more than one statement')
      expect(await said('BEGIN')).toContain('transaction')
      expect(await said('savepoint s')).toContain('transaction')
      expect(await said(`ATTACH ':memory:' AS m`)).toContain('attached')
    })

    it('names the engine code and the place of an error, also where the token stands there more than once', async () => {
      await open(host.make('a.db', 'CREATE TABLE t (a)'))
      const place = async (sql: string): Promise<unknown> => (await failureOf(host.run(sql))).details
      expect(await place('SELEC 1')).toEqual({ engineCode: 'SQLITE_ERROR', position: 0 })
      expect(await place("SELECT ')', (a), (a = ) FROM t")).toEqual({
        engineCode: 'SQLITE_ERROR',
        position: 22,
      })
      expect(await place("SELECT '数据😀' FROM nope")).toEqual({ engineCode: 'SQLITE_ERROR', position: 19 })
      expect(await place('SELECT a FROM')).toEqual({ engineCode: 'SQLITE_ERROR', position: 13 })
      // Of a name that stands there twice only the extension knows which one it is.
      const position = library === undefined ? {} : { position: 7 }
      expect(await place('SELECT b, b FROM t')).toEqual({ engineCode: 'SQLITE_ERROR', ...position })
    })

    it('sends the first rows, at least 200 and at most 1,000, and ends with the number of all', async () => {
      await open(host.make('a.db', ''))
      const { passenger, client } = rowsChannel()
      const execute = host.client.stream(
        'execute',
        { sql: MANY(20_000), resultPath: host.at('result'), rows: 'first' },
        { passengers: [passenger] },
      )
      const items: RowsItem[] = []
      const rows = client.stream('rows', {})
      for await (const item of rows) items.push(item)
      expect(items[0]).toEqual({ kind: 'columns', columns: [{ name: 'i', declaredType: null }] })
      const sent = items
        .slice(1)
        .flatMap(cellsOf)
        .map(([i]) => Number(i))
      expect(sent.length).toBeGreaterThanOrEqual(200)
      expect(sent.length).toBeLessThanOrEqual(1_000)
      expect(sent).toEqual(sent.map((_, index) => index + 1))
      expect(await rows.result).toEqual({ rows: 20_000 })
      expect((await execute.result).progress.rows).toBe(20_000)
    })

    it('sends all rows without a gap to a reader that grants one credit at a time', async () => {
      await open(host.make('a.db', ''))
      const { passenger, client } = rowsChannel()
      const execute = host.client.stream(
        'execute',
        { sql: MANY(100_000), resultPath: host.at('result'), rows: 'all' },
        { passengers: [passenger] },
      )
      let next = 0
      for await (const item of client.stream('rows', {}, { credit: 1 })) {
        if (item.kind === 'columns') continue
        expect(item.firstRow).toBe(next)
        next += cellsOf(item).length
      }
      expect(next).toBe(100_000)
      expect((await execute.result).stoppedEarly).toBe(false)
    })

    it('can be cancelled while it waits for a reader that reads nothing', async () => {
      await open(host.make('a.db', ''))
      const { passenger, client } = rowsChannel()
      const cancelling = new AbortController()
      const execute = host.client.stream(
        'execute',
        { sql: ENDLESS, resultPath: host.at('result'), rows: 'all' },
        { passengers: [passenger], signal: cancelling.signal },
      )
      const reader = client.stream('rows', {}, { credit: 1 })
      for await (const progress of execute) if (progress.rows > 0) cancelling.abort()
      const { progress, stoppedEarly } = await execute.result
      expect(stoppedEarly).toBe(true)
      let read = 0
      for await (const item of reader) if (item.kind === 'rows') read += cellsOf(item).length
      expect(read).toBe(progress.rows)
    })

    it('is not disturbed by a page that goes away', async () => {
      await open(host.make('a.db', ''))
      const { passenger, client, near } = rowsChannel()
      const execute = host.client.stream(
        'execute',
        { sql: MANY(200_000), resultPath: host.at('result'), rows: 'all' },
        { passengers: [passenger] },
      )
      const left = (async () => {
        for await (const item of client.stream('rows', {})) if (item.kind === 'rows') near.close()
      })()
      expect((await failureOf(left)).code).toBe('host-lost')
      expect((await execute.result).progress.rows).toBe(200_000)
    })

    it('stops between two rows when it is cancelled, keeps those before, and is ready for the next', async () => {
      await open(host.make('a.db', ''))
      const cancelling = new AbortController()
      const execute = host.client.stream(
        'execute',
        { sql: ENDLESS, resultPath: host.at('result'), rows: 'none' },
        { signal: cancelling.signal },
      )
      for await (const { rows } of execute) if (rows > 0) cancelling.abort()
      const { progress, stoppedEarly } = await execute.result
      expect(stoppedEarly).toBe(true)
      expect(progress.rows).toBeGreaterThan(0)
      expect(await host.run('SELECT 1')).toEqual({ rows: 1, changes: null })
    })

    it('undoes what a cancelled statement with RETURNING had changed', async () => {
      await open(host.make('a.db', 'CREATE TABLE t (a)'), 'read-write')
      const cancelling = new AbortController()
      const { passenger, client } = rowsChannel()
      const execute = host.client.stream(
        'execute',
        {
          sql: `INSERT INTO t ${MANY(300_000)} RETURNING a`,
          resultPath: host.at('result'),
          rows: 'all',
        },
        { passengers: [passenger], signal: cancelling.signal },
      )
      // It reads nothing, so that the statement is waiting for it when it is cancelled.
      client.stream('rows', {}, { credit: 1 })
      for await (const { rows } of execute) if (rows > 0) cancelling.abort()
      expect((await execute.result).stoppedEarly).toBe(true)
      expect(await host.run('SELECT a FROM t')).toEqual({ rows: 0, changes: null })
    })

    it('keeps the rows before an error that comes in the middle', async () => {
      await open(host.make('a.db', ''))
      const sql = `WITH n AS (${MANY(5_000)}) SELECT CASE WHEN i = 3000 THEN abs(-9223372036854775807 - 1) ELSE i END FROM n`
      const failure = await failureOf(host.run(sql))
      expect(failure).toMatchObject({ code: 'database', message: 'integer overflow' })
      expect((await stat(host.at('result.index'))).size).toBeGreaterThan(0)
    })

    it('answers requests one after the other', async () => {
      await open(host.make('a.db', 'CREATE TABLE t (a)'), 'read-write')
      const all = await Promise.all([
        host.run('INSERT INTO t VALUES (1)'),
        host.run('INSERT INTO t SELECT a FROM t'),
        host.run('SELECT * FROM t'),
      ])
      expect(all.map(({ rows, changes }) => changes ?? rows)).toEqual([1, 1, 2])
    })
  })

  describe('the schema', () => {
    it('names tables, views, keys and generated columns, and leaves the broken and the internal ones out', async () => {
      await open(
        host.make(
          'a.db',
          `CREATE TABLE b (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, twice AS (id * 2));
         CREATE TABLE "we ird" (x REFERENCES b, y, PRIMARY KEY (y, x)) WITHOUT ROWID;
         CREATE VIEW v AS SELECT name FROM b; CREATE VIEW broken AS SELECT * FROM gone;
         CREATE VIRTUAL TABLE docs USING fts5 (body)`,
        ),
      )
      const { tables, sqliteVersion, bytes, journalMode } = await host.client.call('schema', {})
      expect(
        tables.map(({ name, kind, columns }) => [name, kind, columns.map((column) => column.name)]),
      ).toEqual([
        ['b', 'table', ['id', 'name', 'twice']],
        ['broken', 'view', []],
        ['docs', 'virtual', ['body']],
        ['v', 'view', ['name']],
        ['we ird', 'table', ['x', 'y']],
      ])
      expect(tables[4]?.foreignKeys).toEqual([{ from: 'x', table: 'b', to: null }])
      expect(tables[4]?.columns.map(({ primaryKey }) => primaryKey)).toEqual([2, 1])
      expect([sqliteVersion, bytes > 0, journalMode]).toEqual([expect.stringMatching(/^3\./), true, 'delete'])
    })
  })

  describe('permissions', () => {
    it('says when the person may not read the file', async () => {
      const path = host.make('secret.db', 'CREATE TABLE t (a)')
      await chmod(host.folder, 0o755)
      await chmod(path, 0o000)
      const failure = await asNobody(() => failureOf(open(path)))
      expect(failure).toMatchObject({ code: 'database', details: { engineCode: 'EACCES' } })
      expect(failure.message).toContain('no permission to read')
    })
  })
})
